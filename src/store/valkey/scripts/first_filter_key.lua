-- The first copy of the filter key, if there is none under any salt.
-- KEYS: the copies. ARGV: salt, copy.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
