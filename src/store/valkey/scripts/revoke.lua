-- The end of keys of one owner in one shard. Removing works where the server is
-- out of memory; a tombstone that is refused does not hold it up.
-- KEYS: shard's ends; record, uses, tombstone of each key; and at the end the
--   owner's index if it lies in this shard.
-- ARGV: owner, time to live of tombstones; id, tombstone of each key.
local revoked = {}
local count = (#ARGV - 2) / 2
local index = KEYS[2 + 3 * count]
for number = 1, count do
  local record, uses, tombstone = KEYS[3 * number - 1], KEYS[3 * number], KEYS[3 * number + 1]
  local id = ARGV[2 * number + 1]
  if redis.call('GETRANGE', record, 0, 15) == ARGV[1] then
    redis.call('UNLINK', record, uses)
    redis.call('ZREM', KEYS[1], id)
    if index then
      redis.call('ZREM', index, id)
    end
    redis.pcall('SET', tombstone, ARGV[2 * number + 2], 'PX', ARGV[2])
    revoked[#revoked + 1] = id
  end
end
return revoked
