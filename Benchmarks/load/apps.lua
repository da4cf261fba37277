-- wrk: each request reads the log of an app by chance among so many; the path before and after its number are given.
function init(arguments)
    count = tonumber(arguments[1])
    before = arguments[2]
    after = arguments[3]
    math.randomseed(20190925)
end

function request()
    return wrk.format("GET", before .. math.random(count) .. after)
end
