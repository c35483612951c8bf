-- The end of keys of one owner in one shard. Removing works where the server is
-- out of memory; a tombstone that is refused does not hold it up.
-- KEYS: shard's ends; record, uses, tombstone of each key; and at the end the
--   owner's index and list of revoked keys if they lie in this shard.
-- ARGV: owner, time to live of tombstones, now, how many revoked keys are listed;
--   id, tombstone of each key.
local revoked = {}
local count = (#ARGV - 4) / 2
local index, ended = KEYS[2 + 3 * count], KEYS[3 + 3 * count]
for number = 1, count do
  local record, uses, tombstone = KEYS[3 * number - 1], KEYS[3 * number], KEYS[3 * number + 1]
  local id = ARGV[2 * number + 3]
  if redis.call('GETRANGE', record, 0, 15) == ARGV[1] then
    redis.call('UNLINK', record, uses)
    redis.call('ZREM', KEYS[1], id)
    if index then
      redis.call('ZREM', index, id)
    end
    redis.pcall('SET', tombstone, ARGV[2 * number + 4], 'PX', ARGV[2])
    if ended then
      redis.pcall('ZADD', ended, ARGV[3], id)
    end
    revoked[#revoked + 1] = id
  end
end
if ended and #revoked > 0 then
  local beyond = redis.call('ZCARD', ended) - tonumber(ARGV[4])
  if beyond > 0 then
    redis.call('ZREM', ended, unpack(redis.call('ZRANGE', ended, 0, beyond - 1)))
  end
  redis.call('PEXPIRE', ended, ARGV[2])
end
return revoked
