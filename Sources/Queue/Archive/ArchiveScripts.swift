import Redis

/// The keys of an app's archive. Their hash tag keeps them on one node of a Redis Cluster.
struct ArchiveKeys {
    private let prefix: String

    init(appID: Int64) {
        prefix = "hookline:{app:\(appID)}:"
    }

    /// Field of an event's hash.
    static let failedRedeliveries = "failed-redeliveries"
    /// Field of an event's hash: the memory of its details.
    static let detailsBytes = "details-bytes"
    /// Begins the fields of an event's hash with details of an attempt; the date of the attempt follows.
    static let attemptPrefix = "attempt:"
    /// Begins the fields of an event's hash with the time of a redelivery; its id follows.
    static let redeliveryPrefix = "redelivery:"

    /// Hash: one event.
    func event(_ id: String) -> String { prefix + "event:" + id }
    /// Sorted set: ids of the archived events, by the time they were enqueued.
    var index: String { prefix + "events" }
    /// Sorted set: the ids of those whose last attempt, or whose last redelivery, failed.
    var errors: String { prefix + "event-errors" }
    /// Hash: the memory of each archived event, details included, by its id, and their sum as `total`.
    var bytes: String { prefix + "event-bytes" }
}

extension RedisRequest {
    /// Appends the command that reads `ArchivedEvent.fieldNames`.
    mutating func appendFields(ofEvent key: String) {
        begin(argumentCount: 2 + ArchivedEvent.fieldNames.count)
        appendArgument("HMGET")
        appendArgument(key)
        for name in ArchivedEvent.fieldNames { appendArgument(name) }
    }
}

/// The atomic steps of the archive.
enum ArchiveScripts {
    /// The keys of an app before those of events.
    static let appKeyCount = 3
    /// The most events of one call.
    static let maximumEvents = 50
    /// More than one call adds, so that a list which exceeds its limit shrinks.
    static let maximumEvicted = 75
    /// Fields of one event's hash: beyond them no more details and redeliveries are noted. There are at most 21
    /// attempts, unless workers are stopped during them.
    static let maximumFields = 64

    /// Two functions of ids, of which there must be at least one. KEYS: index, errors, bytes. `sizes` returns their
    /// bytes of memory, 0 where these are unknown. `forget` removes them from the lists and from the count of bytes;
    /// `freed` is the sum of their bytes where it is known. It writes first what needs no memory, so that a Redis
    /// without free memory executes the script.
    static let forget = """
        local function sizes(ids)
            local sizes = redis.call('HMGET', KEYS[3], unpack(ids))
            for i = 1, #ids do sizes[i] = tonumber(sizes[i]) or 0 end
            return sizes
        end
        local function forget(ids, freed)
            redis.call('ZREM', KEYS[1], unpack(ids))
            redis.call('ZREM', KEYS[2], unpack(ids))
            if not freed then
                freed = 0
                for _, size in ipairs(sizes(ids)) do freed = freed + size end
            end
            redis.call('HDEL', KEYS[3], unpack(ids))
            if freed > 0 and redis.call('HINCRBY', KEYS[3], 'total', -freed) <= 0 then
                redis.call('HDEL', KEYS[3], 'total')
            end
        end

        """

    /// KEYS: index, errors, bytes, then for each event its key and that of its original, which may be the event itself.
    /// ARGV: lifetime, least time, limit of events, limit of bytes, then for each event: id, original's id, 1 = failed,
    /// 1 = no attempt follows, 1 = store its payload, event type, time, payload, its bytes of memory, field of the
    /// details or empty, details, their bytes of memory. Returns how many parts were not stored, of each the number of
    /// its event and its bytes of memory, and the ids that the limits evicted.
    ///
    /// At most `maximumEvicted` are removed for each reason: the calls of later attempts remove the others.
    static let store = RedisScript(
        forget + """
            local kept, failed, grown, unstored = false, false, 0, {}
            local function grow(id, bytes)
                redis.call('HINCRBY', KEYS[3], id, bytes)
                grown = grown + bytes
            end
            local function skip(i, bytes)
                unstored[#unstored + 1] = (i - 4) / 2
                unstored[#unstored + 1] = bytes
            end
            for i = 4, #KEYS, 2 do
                local at = 5 + (i - 4) * 6
                local key, id, original, time = KEYS[i], ARGV[at], ARGV[at + 1], ARGV[at + 6]
                local isError, isLast, isNew = ARGV[at + 2] == '1', ARGV[at + 3] == '1', ARGV[at + 4] == '1'
                local field, details, detailsBytes = ARGV[at + 9], ARGV[at + 10], tonumber(ARGV[at + 11])
                local origin = original ~= id and redis.call('ZSCORE', KEYS[1], original)
                if isNew then
                    kept = true
                    local bytes = tonumber(ARGV[at + 8])
                    if redis.call('HEXISTS', KEYS[3], id) == 1 then
                        skip(i, bytes)
                        redis.call('HSET', key, 'event', ARGV[at + 5], 'enqueued', time, 'payload', ARGV[at + 7])
                    elseif field == '' then
                        grow(id, bytes)
                        redis.call('HSET', key, 'event', ARGV[at + 5], 'enqueued', time, 'payload', ARGV[at + 7])
                    else
                        grow(id, bytes + detailsBytes)
                        redis.call('HSET', key, 'event', ARGV[at + 5], 'enqueued', time, 'payload', ARGV[at + 7],
                            field, details, 'details-bytes', detailsBytes)
                        field = ''
                    end
                    redis.call('EXPIRE', key, ARGV[1])
                    redis.call('ZADD', KEYS[1], time, id)
                    if origin then
                        local count = redis.call('HLEN', KEYS[i + 1])
                        if count > 0 and count < \(maximumFields) then
                            redis.call('HSET', KEYS[i + 1], 'redelivery:' .. id, time)
                        end
                    end
                end
                if field ~= '' then
                    local count = redis.call('HLEN', key)
                    if count > 0 and count < \(maximumFields) and redis.call('HEXISTS', key, field) == 0
                        and (isNew or redis.call('ZSCORE', KEYS[1], id))
                    then
                        redis.call('HSET', key, field, details)
                        redis.call('HINCRBY', key, 'details-bytes', detailsBytes)
                        grow(id, detailsBytes)
                    else
                        skip(i, detailsBytes)
                    end
                end
                if not isError then
                    redis.call('ZREM', KEYS[2], id, original)
                elseif origin then
                    redis.call('ZREM', KEYS[2], id)
                    if isLast then
                        failed = true
                        redis.call('ZADD', KEYS[2], origin, original)
                        if redis.call('EXISTS', KEYS[i + 1]) == 1 then
                            redis.call('HINCRBY', KEYS[i + 1], 'failed-redeliveries', 1)
                        end
                    end
                elseif isNew or redis.call('ZSCORE', KEYS[1], id) then
                    failed = true
                    redis.call('ZADD', KEYS[2], time, id)
                end
            end
            local result = {#unstored / 2, unpack(unstored)}
            if failed then redis.call('EXPIRE', KEYS[2], ARGV[1]) end
            if grown > 0 then
                redis.call('HINCRBY', KEYS[3], 'total', grown)
                redis.call('EXPIRE', KEYS[3], ARGV[1])
            end
            if not kept and grown == 0 then return result end
            if kept then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
            local expired = redis.call('ZCOUNT', KEYS[2], '-inf', ARGV[2])
            if expired > 0 then
                redis.call('ZREMRANGEBYRANK', KEYS[2], 0, math.min(expired, \(maximumEvicted)) - 1)
            end
            expired = math.min(redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[2]), \(maximumEvicted))
            if expired > 0 then forget(redis.call('ZRANGE', KEYS[1], 0, expired - 1)) end
            local count = redis.call('ZCARD', KEYS[1])
            -- Older workers remove ids from the lists alone: then the count begins again.
            if redis.call('HLEN', KEYS[3]) > count + 1 then redis.call('DEL', KEYS[3]) end
            local excess, limit = count - tonumber(ARGV[3]), tonumber(ARGV[4])
            local total = tonumber(redis.call('HGET', KEYS[3], 'total')) or 0
            if count == 0 or excess <= 0 and total <= limit then return result end
            local oldest, removed = redis.call('ZRANGE', KEYS[1], 0, \(maximumEvicted) - 1), {}
            local bytes, freed = sizes(oldest), 0
            for i, id in ipairs(oldest) do
                if i > excess and total - freed <= limit then break end
                freed = freed + bytes[i]
                removed[i] = id
                result[#result + 1] = id
            end
            forget(removed, freed)
            return result
            """)
}
