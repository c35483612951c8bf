-- The seed's record of a key, if it belongs to that subject.
-- KEYS: record. ARGV: subject.
local subject = redis.call('HGET', KEYS[1], 'sub')
if not subject then
  return 'ABSENT'
end
if subject ~= ARGV[1] then
  return 'ANOTHERS'
end
redis.call('UNLINK', KEYS[1])
return 'DONE'
