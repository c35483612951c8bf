-- Uses of keys in one shard; those of keys that are gone are dropped.
-- KEYS: record, uses of each key.
-- ARGV: latest time, count of each key.
for number = 1, #ARGV / 2 do
  local uses, at = KEYS[2 * number], ARGV[2 * number - 1]
  local left = redis.call('PTTL', KEYS[2 * number - 1])
  if left ~= -2 then
    local known = redis.call('HGET', uses, 'at')
    if not known or tonumber(known) < tonumber(at) then
      redis.call('HSET', uses, 'at', at)
    end
    redis.call('HINCRBY', uses, 'n', ARGV[2 * number])
    -- They go with the record.
    if left > 0 then
      redis.call('PEXPIRE', uses, left)
    end
  end
end
return #ARGV / 2
