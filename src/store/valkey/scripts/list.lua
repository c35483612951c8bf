-- A page of an owner's keys, with those entries that have no record here.
-- SORT_RO would do most of this, but asks for the right to read every key there
-- is, and cannot begin behind a place whose entry is gone.
-- KEYS: owner's index. Records and uses in its shard, and so in its slot, are
--   named by the ids in it.
-- ARGV: how many; what names of records begin with; of uses; and time of making
--   and id of the last line that was seen, if there was one.
-- Gives id, time of making, value, last use of each.

-- Lua's own comparison goes by the server's locale, the index by bytes.
local function comes_after(one, other)
  for place = 1, math.min(#one, #other) do
    local difference = one:byte(place) - other:byte(place)
    if difference ~= 0 then
      return difference > 0
    end
  end
  return #one > #other
end

local first = 0
if ARGV[4] then
  first = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[4])
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[4], ARGV[4])) do
    if comes_after(id, ARGV[5]) then
      break
    end
    first = first + 1
  end
end
local entries = redis.call('ZRANGE', KEYS[1], first, first + tonumber(ARGV[1]) - 1, 'WITHSCORES')
local lines = {}
for place = 1, #entries, 2 do
  local id = entries[place]
  lines[#lines + 1] = {
    id,
    entries[place + 1],
    redis.call('GET', ARGV[2] .. id),
    redis.call('HGET', ARGV[3] .. id, 'at'),
  }
end
return lines
