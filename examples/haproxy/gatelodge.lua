-- Asks Gatelodge whether a request may pass, for HAProxy 2.6 or newer:
--
--   http-request lua.gatelodge URL SECONDS HEADERS
--   http-request deny deny_status 503 unless { var(txn.gatelodge_allows) -m bool }
--
-- URL is a gate's; a question that is not answered within SECONDS is repeated three
-- times, since HAProxy's HTTP client does that. HEADERS are the identity headers, separated by commas. A refusal
-- goes to the client as it is. Where nothing was decided, nothing is set, and the
-- second line keeps the gate shut.

-- What belongs to one connection or to the body, which is not sent.
local left_out = {
  ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true,
  ["keep-alive"] = true, ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true,
  ["transfer-encoding"] = true, ["upgrade"] = true,
}

-- HAProxy counts the values of a header from 0.
local function values(header)
  local list = {}
  local at = 0
  while header[at] ~= nil do
    list[#list + 1] = header[at]
    at = at + 1
  end
  return list
end

local function kept(headers)
  local list = {}
  for name, header in pairs(headers) do
    if not left_out[name] then
      list[name] = values(header)
    end
  end
  return list
end

local function allow(txn, headers, identity)
  for name in identity:gmatch("[^,]+") do
    txn.http:req_del_header(name)
    local header = headers[name:lower()]
    if header and header[0] and header[0] ~= "" then
      txn.http:req_set_header(name, header[0])
    end
  end
  txn:set_var("txn.gatelodge_allows", true)
end

local function refuse(txn, answer)
  local reply = txn:reply({ status = answer.status, body = answer.body })
  for name, list in pairs(kept(answer.headers)) do
    for _, value in ipairs(list) do
      reply:add_header(name, value)
    end
  end
  txn:done(reply)
end

core.register_action("gatelodge", { "http-req" }, function(txn, url, seconds, identity)
  txn:set_var("txn.gatelodge_allows", false)
  local answer = core.httpclient():get({
    url = url,
    headers = kept(txn.http:req_get_headers()),
    timeout = tonumber(seconds) * 1000,
  })
  if answer.headers == nil or answer.status == nil then
    return
  end
  if answer.status >= 200 and answer.status < 300 then
    allow(txn, answer.headers, identity)
  elseif answer.status >= 400 and answer.status < 600 then
    refuse(txn, answer)
  elseif answer.status >= 300 and answer.headers["location"] then
    refuse(txn, answer)
  end
end, 3)
