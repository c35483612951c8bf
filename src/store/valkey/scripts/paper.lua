-- In front of the scripts about records beside keys. A value is 16 digits of
-- end (0 for none), 4 of how many bytes its lists take, these lists, and the
-- sealed record.

local function is_over(value, now)
  local ends_at = tonumber(value:sub(1, 16))
  return ends_at ~= 0 and ends_at <= tonumber(now)
end

local function sealed_in(value)
  return value:sub(21 + tonumber(value:sub(17, 20)))
end

