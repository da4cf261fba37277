package import Model
package import Redis
import System

/// How the workers look at every app in turn, a few at a time: which is next, and what they have counted.
///
/// However many workers there are, one of them takes each step, and a worker that dies in a step leaves it to another
/// one. One object serves one thread.
package final class SilenceRounds: SilenceCountReading {
    static let key = "hookline:{silence}:round"
    static let countsKey = "hookline:{silence}:counts"
    /// How long the counts of the last round stay, in seconds: without workers they are no longer true.
    static let countsLifetimeSeconds = 86_400

    /// A step of a round, which its owner must finish.
    package struct Step: Hashable, Sendable {
        /// The apps with greater ids are next.
        package var cursor: Int64
    }

    /// KEYS: rounds. ARGV: milliseconds that the step may take, the longest pause.
    ///
    /// A time too far ahead is that of a clock which was set back.
    private static let begin = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        if redis.call('HEXISTS', KEYS[1], 'since') == 0 then redis.call('HSET', KEYS[1], 'since', time[1]) end
        local due = tonumber(redis.call('HGET', KEYS[1], 'due')) or 0
        if due > now and due - now <= tonumber(ARGV[2]) then return {} end
        redis.call('HSET', KEYS[1], 'due', string.format('%.0f', now + ARGV[1]))
        return { redis.call('HGET', KEYS[1], 'cursor') or '0' }
        """)

    /// KEYS: rounds, counts, attempts, unsent events. ARGV: the cursor of the step, the next one, whether the round is
    /// over (1 or 0), milliseconds until the next step, the time before which apps are forgotten, lifetime of the
    /// counts in seconds, then names and counts in turn. Returns 0 when another worker has finished the step.
    private static let finish = RedisScript(
        """
        if (redis.call('HGET', KEYS[1], 'cursor') or '0') ~= ARGV[1] then return 0 end
        for i = 7, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], 'count:' .. ARGV[i], ARGV[i + 1]) end
        local time = redis.call('TIME')
        local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4]
        redis.call('HSET', KEYS[1], 'cursor', ARGV[2], 'due', string.format('%.0f', due))
        if ARGV[3] == '0' then return 1 end
        redis.call('DEL', KEYS[2])
        redis.call('HSET', KEYS[2], 'finished', time[1])
        local fields = redis.call('HGETALL', KEYS[1])
        for i = 1, #fields, 2 do
            if string.sub(fields[i], 1, 6) == 'count:' then
                redis.call('HSET', KEYS[2], fields[i], fields[i + 1])
                redis.call('HDEL', KEYS[1], fields[i])
            end
        end
        redis.call('EXPIRE', KEYS[2], ARGV[6])
        for i = 3, 4 do
            local old = redis.call('ZCOUNT', KEYS[i], '-inf', '(' .. ARGV[5])
            if old > 0 then redis.call('ZREMRANGEBYRANK', KEYS[i], 0, old - 1) end
        end
        return 1
        """)

    private let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    /// Begins the next step if it is due and no other worker has begun it.
    ///
    /// - Parameters:
    ///   - lease: how long the step may take, before another worker begins it again.
    ///   - longestPause: between two steps.
    /// - Returns: nil when none is due.
    package func begin(lease: Duration, longestPause: Duration) throws(RedisError) -> Step? {
        let call = ScriptCall(
            Self.begin, keys: [Self.key], String(lease.milliseconds), String(max(lease, longestPause).milliseconds))
        let reply = try connection.run(call).list(key: Self.key)
        return reply.first?.number.map { Step(cursor: $0) }
    }

    /// Finishes a step.
    ///
    /// - Parameters:
    ///   - next: the cursor of the next step; nil = the round is over.
    ///   - pause: until the next step.
    ///   - counts: what the step has counted, by name; those of a round replace those of the last one.
    ///   - now: apps whose times are older than `LastTimes.lifetimeSeconds` are forgotten.
    /// - Returns: false when another worker has finished it.
    @discardableResult
    package func finish(
        _ step: Step, next: Int64?, pause: Duration, counts: [String: Int], now: Timestamp
    ) throws(RedisError) -> Bool {
        var call = ScriptCall(
            Self.finish, keys: [Self.key, Self.countsKey, LastTimes.attemptsKey, LastTimes.unsentKey],
            String(step.cursor), String(next ?? 0), next == nil ? "1" : "0", String(pause.milliseconds),
            String(now.seconds - LastTimes.lifetimeSeconds), String(Self.countsLifetimeSeconds))
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            call.append(name)
            call.append(count)
        }
        return try connection.run(call).count(key: Self.key) == 1
    }

    package func silentApps() throws(RedisError) -> [String: Int64]? {
        var request = RedisRequest()
        request.append("HGETALL", Self.countsKey)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        let values = try reply.list(key: Self.countsKey)
        guard !values.isEmpty else { return nil }
        var counts: [String: Int64] = [:]
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            guard let name = values[index].string, name.hasPrefix("count:") else { continue }
            counts[String(name.dropFirst(6))] = values[index + 1].number
        }
        return counts
    }
}

/// Reads what the workers have counted. One object serves one thread.
package protocol SilenceCountReading: AnyObject {
    /// The silent apps that the last whole round has found, by the name of their first cause; nil when no round was
    /// completed within the last day.
    func silentApps() throws(RedisError) -> [String: Int64]?
}
