-- Asks librechat-auth whether a request may pass: /etc/librechat-auth/apache.lua
local http = require "socket.http"

local server = "http://127.0.0.1:3081/forward-auth/apache"
local host = "app.example.org"
local identity = { "Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups" }
local described = {
    "Cookie", "Authorization", "X-API-Key", "Accept", "Upgrade", "X-Requested-With", "Sec-Fetch-Mode", "User-Agent",
}

function ask(r)
    if not r.is_initial_req then
        return apache2.OK
    end
    local scheme = r.is_https and "https" or "http"
    local headers = {
        ["X-Forwarded-Proto"] = scheme,
        ["X-Forwarded-Host"] = host .. ":" .. r.port,
        ["X-Forwarded-Uri"] = r.unparsed_uri,
        ["X-Forwarded-Method"] = r.method,
        ["X-Forwarded-For"] = r.useragent_ip,
    }
    for _, name in ipairs(described) do
        headers[name] = r.headers_in[name]
    end
    http.TIMEOUT = 10
    local _, status, answer = http.request { url = server, headers = headers, redirect = false }
    if status == 200 then
        for _, name in ipairs(identity) do
            r.headers_in[name] = answer[name:lower()] or ""
        end
        return apache2.OK
    end
    if status == 302 and answer.location then
        r.err_headers_out["Location"] = answer.location
        r.err_headers_out["Set-Cookie"] = answer["set-cookie"]
        return 302
    end
    if status == 429 then
        r.err_headers_out["Retry-After"] = answer["retry-after"]
    end
    if status == 401 or status == 403 or status == 429 then
        return status
    end
    r:err("librechat-auth does not answer: " .. tostring(status))
    return 500
end
