-- A key and its successor: both, or neither.
-- KEYS: old record, new record, new tombstone, owner's index, shard's ends, and
--   the kept answer if the request may be repeated.
-- ARGV: owner; old id, expected record, new record, time to live, end; successor's
--   id, value, time of making, time to live, end; answer, its time to live.
if KEYS[6] then
  local answer = redis.call('GET', KEYS[6])
  if answer then
    return { 'REPLAYED', answer }
  end
end
local current = redis.call('GET', KEYS[1])
if not current or owner_of(current) ~= ARGV[1] or sealed_in(current) ~= ARGV[3] then
  return { 'CHANGED', '' }
end
if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then
  return { 'TAKEN', '' }
end
write(KEYS[1], current:sub(1, 24) .. ARGV[4], ARGV[5])
note_end(KEYS[5], ARGV[2], ARGV[6])
write(KEYS[2], ARGV[8], ARGV[10])
redis.call('ZADD', KEYS[4], ARGV[9], ARGV[7])
note_end(KEYS[5], ARGV[7], ARGV[11])
if KEYS[6] then
  write(KEYS[6], ARGV[12], ARGV[13])
end
return { 'DONE', '' }
