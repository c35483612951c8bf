-- Another record in place of the expected one. Owner and time of making stay.
-- KEYS: record, shard's ends.
-- ARGV: id, owner, expected record, new record, time to live, end.
local current = redis.call('GET', KEYS[1])
if not current then
  return 'ABSENT'
end
if owner_of(current) ~= ARGV[2] or sealed_in(current) ~= ARGV[3] then
  return 'CHANGED'
end
write(KEYS[1], current:sub(1, 24) .. ARGV[4], ARGV[5])
note_end(KEYS[2], ARGV[1], ARGV[6])
return 'DONE'
