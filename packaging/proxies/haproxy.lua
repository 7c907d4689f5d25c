-- Asks librechat-auth whether a request may pass: /etc/librechat-auth/haproxy.lua
local server = "http://127.0.0.1:3081/forward-auth/haproxy"
local identity = { "remote-user", "remote-email", "remote-name", "remote-groups" }
local described = {
    "cookie", "authorization", "x-api-key", "accept", "upgrade", "x-requested-with", "sec-fetch-mode", "user-agent",
}

local ours = { librechat_auth = true, librechat_auth_door = true, librechat_auth_way = true }

-- Our own cookies are nothing for the program.
local function without_ours(cookies)
    local kept = {}
    for pair in cookies:gmatch("[^;]+") do
        local name = pair:match("^%s*([^=]*)"):gsub("^__Host%-", ""):gsub("^__Secure%-", "")
        if not ours[name] then
            kept[#kept + 1] = pair
        end
    end
    return (table.concat(kept, ";"):gsub("^%s+", ""))
end

local function refuse(txn, status, more)
    local reply = txn:reply { status = status }
    for name, values in pairs(more or {}) do
        reply:add_header(name, values[0])
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
        txn.http:req_del_header("cookie")
        local cookies = without_ours(table.concat(headers.cookie or {}, "; "))
        if cookies ~= "" then
            txn.http:req_set_header("cookie", cookies)
        end
    elseif answer.status == 302 and answer.headers.location then
        refuse(txn, 302, { location = answer.headers.location, ["set-cookie"] = answer.headers["set-cookie"] })
    elseif answer.status == 401 or answer.status == 403 then
        refuse(txn, answer.status)
    elseif answer.status == 429 then
        refuse(txn, 429, { ["retry-after"] = answer.headers["retry-after"] })
    else
        core.Warning("librechat-auth does not answer: " .. tostring(answer.status))
        refuse(txn, 500)
    end
end, 1)
