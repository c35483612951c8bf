-- An entry of a list, which is kept as long as the last of its records.
-- KEYS: list.
-- ARGV: entry, time to live of its record ('' for none).
local left = redis.call('PTTL', KEYS[1])
redis.call('ZADD', KEYS[1], 0, ARGV[1])
if ARGV[2] == '' then
  redis.call('PERSIST', KEYS[1])
elseif left == -2 or (left >= 0 and left < tonumber(ARGV[2])) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
