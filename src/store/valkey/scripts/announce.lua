-- The entry of a key whose record lies in another shard than its owner's index.
-- KEYS: owner's index, and the kept answer if the request may be repeated.
-- ARGV: id, time of making, limit ('' for none).
if KEYS[2] then
  local answer = redis.call('GET', KEYS[2])
  if answer then
    return { 'REPLAYED', answer }
  end
end
-- An entry that is there already takes no more room.
if ARGV[3] ~= '' and not redis.call('ZSCORE', KEYS[1], ARGV[1])
  and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
  return { 'LIMIT', '' }
end
redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[1])
return { 'DONE', '' }
