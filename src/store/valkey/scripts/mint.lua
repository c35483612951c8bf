-- A new key: all of it, or nothing.
-- KEYS: record, tombstone, owner's index, shard's ends, and the kept answer if
--   the request may be repeated.
-- ARGV: id, value, time of making, time to live, end, limit ('' for none),
--   answer, its time to live.
if KEYS[5] then
  local answer = redis.call('GET', KEYS[5])
  if answer then
    return { 'REPLAYED', answer }
  end
end
if ARGV[6] ~= '' and redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[6]) then
  return { 'LIMIT', '' }
end
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then
  return { 'TAKEN', '' }
end
-- The first write is one that a server without memory refuses.
write(KEYS[1], ARGV[2], ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
note_end(KEYS[4], ARGV[1], ARGV[5])
if KEYS[5] then
  write(KEYS[5], ARGV[7], ARGV[8])
end
return { 'DONE', '' }
