-- A record in place of what was there, if the condition holds.
-- KEYS: record.
-- ARGV: now, value, time to live ('' for none), condition ('always', 'absent',
--   'unchanged'), expected record.
local current = redis.call('GET', KEYS[1])
if current and is_over(current, ARGV[1]) then
  current = nil
end
if ARGV[4] == 'absent' and current then
  return 0
end
if ARGV[4] == 'unchanged' and (not current or sealed_in(current) ~= ARGV[5]) then
  return 0
end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
