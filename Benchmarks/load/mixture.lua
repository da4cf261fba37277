-- wrk: reads and interactions in turns, so that a long load passes through all that a responder does.
local log = "/api/0/sentry-apps/release-notes/requests/"
local view = '{"tsdbField":"sentry_app_viewed"}'
local headers = {["Content-Type"] = "application/json", ["Sec-Fetch-Site"] = "same-origin"}
local number = 0

function request()
    number = number + 1
    if number % 10 == 0 then
        return wrk.format("GET", log)
    elseif number % 2 == 0 then
        return wrk.format("GET", log .. "?eventType=issue.assigned")
    end
    return wrk.format("POST", "/api/0/sentry-apps/release-notes/interaction/", headers, view)
end
