-- Enters an event into one list, and throws out what is beyond: some at a time,
-- so that nobody waits long.
-- KEYS: the list.
-- ARGV: the event with its id in front, the id that the kept ones begin with,
-- how many are kept, how long in milliseconds.
local list, step = KEYS[1], 100
redis.call('ZADD', list, 0, ARGV[1])
local old = redis.call('ZRANGE', list, '-', '(' .. ARGV[2], 'BYLEX', 'LIMIT', 0, step)
if #old > 0 then
  redis.call('ZREM', list, unpack(old))
end
local beyond = redis.call('ZCARD', list) - tonumber(ARGV[3])
if beyond > 0 then
  local oldest = redis.call('ZRANGE', list, 0, math.min(beyond, step) - 1)
  redis.call('ZREM', list, unpack(oldest))
end
redis.call('PEXPIRE', list, ARGV[4])
return redis.status_reply('OK')
