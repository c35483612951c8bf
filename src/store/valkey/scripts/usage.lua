-- What one key did in one hour. Nothing is noted of a key that is gone.
-- KEYS: record; the day's hours; days; networks.
-- ARGV: time to live of the day's hours, or '' where their time is over; of days;
--   of networks; hour ('07'); day ('20261124'); the oldest day kept; the oldest
--   time of a network kept; how many networks are kept; calls that passed; how
--   many reasons; reason, count of each; network, latest time, count of each.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end

local function add(name, field, count)
  if tonumber(count) > 0 then
    redis.call('HINCRBY', name, field, count)
  end
end

local reasons = tonumber(ARGV[10])
local refused = 0
for place = 11, 9 + 2 * reasons, 2 do
  refused = refused + tonumber(ARGV[place + 1])
end
refused = string.format('%.0f', refused)

if ARGV[1] ~= '' then
  add(KEYS[2], ARGV[4], ARGV[9])
  for place = 11, 9 + 2 * reasons, 2 do
    add(KEYS[2], ARGV[4] .. ':' .. ARGV[place], ARGV[place + 1])
  end
  redis.call('PEXPIRE', KEYS[2], ARGV[1])
end

if ARGV[5] >= ARGV[6] then
  local is_new = not redis.call('HGET', KEYS[3], ARGV[5])
    and not redis.call('HGET', KEYS[3], ARGV[5] .. ':r')
  add(KEYS[3], ARGV[5], ARGV[9])
  add(KEYS[3], ARGV[5] .. ':r', refused)
  redis.call('PEXPIRE', KEYS[3], ARGV[2])
  -- Once a day, what is over goes.
  if is_new then
    local fields = redis.call('HGETALL', KEYS[3])
    for place = 1, #fields, 2 do
      if fields[place]:sub(1, 8) < ARGV[6] then
        redis.call('HDEL', KEYS[3], fields[place])
      end
    end
  end
end

local first = 11 + 2 * reasons
if not ARGV[first] then
  return 1
end
for place = first, #ARGV, 3 do
  local network, at, count = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  local known = redis.call('HGET', KEYS[4], network)
  if known then
    local known_at, known_count = known:match('^(%d+) (%d+)$')
    if known_at then
      if tonumber(known_at) > tonumber(at) then
        at = known_at
      end
      count = string.format('%.0f', tonumber(count) + tonumber(known_count))
    end
  end
  redis.call('HSET', KEYS[4], network, at .. ' ' .. count)
end
redis.call('PEXPIRE', KEYS[4], ARGV[3])
local fields = redis.call('HGETALL', KEYS[4])
local seen = {}
for place = 1, #fields, 2 do
  local at = tonumber(fields[place + 1]:match('^%d+')) or 0
  seen[#seen + 1] = { at, fields[place] }
end
table.sort(seen, function(one, other)
  return one[1] > other[1] or (one[1] == other[1] and one[2] < other[2])
end)
for place, line in ipairs(seen) do
  if place > tonumber(ARGV[8]) or line[1] <= tonumber(ARGV[7]) then
    redis.call('HDEL', KEYS[4], line[2])
  end
end
return 1
