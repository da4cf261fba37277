import Model
import Redis

/// What the archives of all apps hold together: bytes of memory by the time of the events, and the apps. Two keys of
/// one slot; the archives are in others.
enum ArchiveUsage {
    /// Hash: bytes of the events of a period, by its start in seconds.
    static let bytesKey = "hookline:{archive}:bytes"
    /// Sorted set: ids of the apps with an archive, by a time in microseconds that is not after that of their oldest
    /// event.
    static let appsKey = "hookline:{archive}:apps"

    /// The memory that one event takes, measured with Redis 7.0 (jemalloc): within a fifth for payloads of 100 bytes to
    /// 60 kB.
    static func bytes(payload count: Int) -> Int { count + count / 8 + 850 }

    /// The memory that the details of one attempt take beside it.
    ///
    /// - Parameter count: the bytes of their stored form.
    static func bytes(details count: Int) -> Int { count + count / 8 + 100 }

    /// The least length of a period, in seconds.
    private static let shortestPeriod: Int64 = 60
    /// The number of periods in the lifetime of a payload.
    private static let periodCount: Int64 = 128

    /// The length of a period, in seconds.
    static func period(_ limits: ArchiveLimits) -> Int64 {
        max(shortestPeriod, Int64(limits.lifetimeSeconds) / periodCount)
    }

    /// The start of the period of an event.
    static func start(_ time: Timestamp, _ limits: ArchiveLimits) -> Int64 {
        let seconds = max(0, time.microseconds / 1_000_000)
        return seconds - seconds % period(limits)
    }

    private static let changes = """
        local count = 2 * tonumber(ARGV[1])
        for i = 2, count, 2 do
            if redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) <= 0 then redis.call('HDEL', KEYS[1], ARGV[i]) end
        end

        """

    /// KEYS: bytes, apps. ARGV: number of periods, start and bytes of each, then time and id of apps.
    static let add = RedisScript(
        changes + """
            for i = count + 2, #ARGV, 2 do redis.call('ZADD', KEYS[2], 'NX', ARGV[i], ARGV[i + 1]) end
            return 1
            """)

    /// Without free memory (`OOM`) Redis refuses a script whose first write may need some, so what follows begins with
    /// a removal, of nothing.
    private static let withoutMemory = """
        redis.call('HDEL', KEYS[1], '')

        """

    /// KEYS: bytes. ARGV: number of periods, start and (negative) bytes of each. Is executed without free memory, too.
    static let subtract = RedisScript(withoutMemory + changes + "return 1")

    /// KEYS: bytes, apps. ARGV: number of periods, start and (negative) bytes of each, then an app's id, the time of
    /// its oldest event or empty, and starts of periods that are over. Is executed without free memory, too.
    static let remove = RedisScript(
        withoutMemory + changes + """
            local app, time = ARGV[count + 2], ARGV[count + 3]
            if time == '' then redis.call('ZREM', KEYS[2], app) else redis.call('ZADD', KEYS[2], time, app) end
            for i = count + 4, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
            return 1
            """)

    /// KEYS: index, errors and bytes of an app. ARGV: greatest time, count, bytes. Removes the oldest events from them
    /// until these take that many bytes; returns the time of the oldest that is left (or false) and the ids.
    ///
    /// Where the size of an event is unknown, it counts as the least one.
    static let takeOldest = RedisScript(
        ArchiveScripts.forget + """
            local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
            local taken, freed, counted = {}, 0, 0
            if #ids > 0 then
                for i, size in ipairs(sizes(ids)) do
                    if freed >= tonumber(ARGV[3]) then break end
                    taken[i] = ids[i]
                    freed = freed + math.max(size, \(bytes(payload: 0)))
                    counted = counted + size
                end
                forget(taken, counted)
            end
            return {redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or false, unpack(taken)}
            """)
}

/// Bytes that come to periods, or, negative, leave them.
struct ArchiveChanges {
    private(set) var bytes: [Int64: Int] = [:]

    var isEmpty: Bool { bytes.isEmpty }

    mutating func add(_ count: Int, at start: Int64) { bytes[start, default: 0] += count }

    mutating func add(_ other: ArchiveChanges) {
        for (start, count) in other.bytes { add(count, at: start) }
    }

    /// Appends their number, and start and bytes of each.
    func append(to call: inout ScriptCall) {
        call.append(bytes.count)
        for (start, count) in bytes {
            call.append(start)
            call.append(count)
        }
    }
}
