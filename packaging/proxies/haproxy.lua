-- Asks librechat-auth whether a request may pass: /etc/librechat-auth/haproxy.lua
local server = "http://127.0.0.1:3081/forward-auth/haproxy"
local identity = { "remote-user", "remote-email", "remote-name", "remote-groups" }
local described = {
    "cookie", "authorization", "x-api-key", "accept", "upgrade", "x-requested-with", "sec-fetch-mode", "user-agent",
}

local function refuse(txn, status, location, wait)
    local reply = txn:reply { status = status }
    if location then
        reply:add_header("location", location)
    end
    if wait then
        reply:add_header("retry-after", wait)
    end
    txn:done(reply)
end

core.register_action("librechat-auth", { "http-req" }, function(txn, host)
    local sent = txn.http:req_get_headers()
    local headers = {
        ["x-forwarded-proto"] = { txn.f:ssl_fc() == 1 and "https" or "http" },
        ["x-forwarded-host"] = { host .. ":" .. txn.f:dst_port() },
        ["x-forwarded-uri"] = { txn.f:pathq() },
        ["x-forwarded-method"] = { txn.f:method() },
        ["x-forwarded-for"] = { txn.f:src() },
    }
    for _, name in ipairs(described) do
        if sent[name] then
            local values = {}
            for at = 0, #sent[name] do
                values[#values + 1] = sent[name][at]
            end
            headers[name] = values
        end
    end
    -- Whatever the client wrote into them, and what some programs take for them.
    for _, name in ipairs(identity) do
        txn.http:req_del_header(name)
        txn.http:req_del_header((name:gsub("-", "_")))
    end
    local answer = core.httpclient():get { url = server, headers = headers, timeout = 10000 }
    if answer.status == 200 then
        for _, name in ipairs(identity) do
            txn.http:req_set_header(name, answer.headers[name] and answer.headers[name][0] or "")
        end
    elseif answer.status == 302 and answer.headers.location then
        refuse(txn, 302, answer.headers.location[0])
    elseif answer.status == 401 or answer.status == 403 then
        refuse(txn, answer.status)
    elseif answer.status == 429 then
        refuse(txn, 429, nil, answer.headers["retry-after"] and answer.headers["retry-after"][0])
    else
        core.Warning("librechat-auth does not answer: " .. tostring(answer.status))
        refuse(txn, 500)
    end
end, 1)
