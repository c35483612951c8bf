-- A record, which is removed. Works where the server is out of memory.
-- KEYS: record.
local current = redis.call('GET', KEYS[1])
if current then
  redis.call('UNLINK', KEYS[1])
end
return current
