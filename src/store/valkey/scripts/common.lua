-- In front of the scripts that write records. A value is 16 bytes of owner, 8
-- of time of making, and the sealed record.

local function owner_of(value)
  return value:sub(1, 16)
end

local function sealed_in(value)
  return value:sub(25)
end

-- A time to live, or an end, of '' is none.
local function write(name, value, time_to_live)
  if time_to_live == '' then
    redis.call('SET', name, value)
  else
    redis.call('SET', name, value, 'PX', time_to_live)
  end
end

local function note_end(expiries, id, ends_at)
  if ends_at == '' then
    redis.call('ZREM', expiries, id)
  else
    redis.call('ZADD', expiries, ends_at, id)
  end
end

