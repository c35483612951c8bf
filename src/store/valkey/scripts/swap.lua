-- Another value in place of the expected one, or the first where none is expected.
-- KEYS: value. ARGV: new value; expected value, if one is.
local current = redis.call('GET', KEYS[1])
if (current or nil) ~= ARGV[2] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
