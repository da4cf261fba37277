-- wrk: each request is a webhook of its own with the same body; the body and its signature are given.
local number = 0

function init(arguments)
    path = arguments[1]
    body = arguments[2]
    run = arguments[4]
    headers = {
        ["Content-Type"] = "application/json", ["Sentry-Hook-Resource"] = "issue",
        ["Sentry-Hook-Signature"] = arguments[3],
    }
end

function request()
    number = number + 1
    headers["Request-ID"] = string.format("%s-%d", run, number)
    return wrk.format("POST", path, headers, body)
end
