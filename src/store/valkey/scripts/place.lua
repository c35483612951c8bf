-- The record of a key whose owner's index lies in another shard.
-- KEYS: record, tombstone, shard's ends.
-- ARGV: id, value, time to live, end.
-- Gives the owner of the record that is in the way; '' if it is a tombstone.
local current = redis.call('GET', KEYS[1])
if current then
  return { 'TAKEN', owner_of(current) }
end
if redis.call('EXISTS', KEYS[2]) > 0 then
  return { 'TAKEN', '' }
end
write(KEYS[1], ARGV[2], ARGV[3])
note_end(KEYS[3], ARGV[1], ARGV[4])
return { 'DONE', '' }
