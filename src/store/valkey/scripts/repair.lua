-- Entries of an owner's index whose records are gone, or are another owner's.
-- KEYS: owner's index, shard's ends; record and uses of each.
-- ARGV: owner; id of each.
local removed = 0
for number = 1, #ARGV - 1 do
  local record, uses, id = KEYS[2 * number + 1], KEYS[2 * number + 2], ARGV[number + 1]
  local holder = redis.call('GETRANGE', record, 0, 15)
  if holder ~= ARGV[1] then
    removed = removed + redis.call('ZREM', KEYS[1], id)
    if holder == '' then
      redis.call('ZREM', KEYS[2], id)
      redis.call('UNLINK', uses)
    end
  end
end
return removed
