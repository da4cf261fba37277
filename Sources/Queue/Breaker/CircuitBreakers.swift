package import Model
package import Redis

/// Results of the webhooks of an app or a target, for its circuit breaker.
package struct CircuitTally: Hashable, Sendable {
    package var name: CircuitName
    package var errors: Int64
    package var successes: Int64

    package init(_ name: CircuitName, errors: Int64 = 0, successes: Int64 = 0) {
        self.name = name
        self.errors = errors
        self.successes = successes
    }
}

/// The circuit breakers of apps, in Redis: the original's keys and counters, byte for byte, so that it and Hookline
/// share one state (docs/protocol.md 7.9). One object serves one thread.
///
/// The keys have no hash tag and may be on several nodes: each command is about one key.
package final class CircuitBreakers {
    /// A day, in seconds: the longest time that the settings allow.
    private static let longestState: Int64 = 86_400

    private let connection: RedisConnection
    private let settings: CircuitBreakerSettings

    package init(connection: RedisConnection, settings: CircuitBreakerSettings) {
        self.connection = connection
        self.settings = settings
    }

    /// The states of apps, in one round trip.
    package func states(of names: [CircuitName], at now: Timestamp) throws(RedisError) -> [CircuitState] {
        guard !names.isEmpty else { return [] }
        let keys = names.flatMap { [CircuitBreakerKey.open($0), CircuitBreakerKey.recovery($0)] }
        let ends = try numbers(of: keys)
        return names.indices.map { index in
            // What others may have written is bounded.
            let limit = now.seconds + Self.longestState
            if let end = ends[2 * index], end > now.seconds { return .open(until: min(end, limit)) }
            if let end = ends[2 * index + 1], end > now.seconds { return .recovering(until: min(end, limit)) }
            return .closed
        }
    }

    /// Counts results, and opens breakers. An open breaker counts nothing, as the original's.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown which were counted.
    ///
    /// - Parameter tallies: one for each app.
    /// - Returns: the apps whose breaker this call has opened, and until when.
    package func record(_ tallies: [CircuitTally], at now: Timestamp) throws(RedisError) -> [CircuitName: CircuitState]
    {
        let tallies = tallies.filter { $0.errors > 0 || $0.successes > 0 }
        let states = try states(of: tallies.map(\.name), at: now)
        let counted = zip(tallies, states).filter { !$1.isOpen }
        try count(counted, at: now)
        let suspects = counted.filter { $0.0.errors > 0 }
        var opened: [CircuitName: CircuitState] = [:]
        for ((tally, _), mustOpen) in zip(suspects, try opening(suspects, at: now)) where mustOpen {
            opened[tally.name] = try open(tally.name, at: now)
        }
        return opened
    }

    private func count(_ counted: [(CircuitTally, CircuitState)], at now: Timestamp) throws(RedisError) {
        var request = RedisRequest()
        var keys: [String] = []
        func add(_ count: Int64, _ counter: CircuitBreakerKey.Counter, _ name: CircuitName) {
            guard count > 0, let granule = settings.granules(at: now.seconds).first else { return }
            let key = CircuitBreakerKey.count(counter, name, settings, granule: granule)
            request.append("INCRBY", key, String(count))
            request.append("EXPIRE", key, String(settings.windowSeconds))
            keys += [key, key]
        }
        for (tally, state) in counted {
            add(tally.errors, .errors, tally.name)
            if case .recovering = state { add(tally.errors, .recovery, tally.name) }
            add(tally.errors + tally.successes, .total, tally.name)
        }
        guard !keys.isEmpty else { return }
        for (key, reply) in zip(keys, try connection.values(of: request, isRepeatable: false)) {
            _ = try reply.checked(key: key)
        }
    }

    /// Whether the counts of the window open breakers that are not open, in one round trip.
    private func opening(_ suspects: [(CircuitTally, CircuitState)], at now: Timestamp) throws(RedisError) -> [Bool] {
        let counters: [CircuitBreakerKey.Counter] = [.errors, .total, .recovery]
        let granules = settings.granules(at: now.seconds)
        var counts = try numbers(
            of: suspects.flatMap { tally, _ in
                counters.flatMap { counter in
                    granules.map { CircuitBreakerKey.count(counter, tally.name, settings, granule: $0) }
                }
            })[...]
        return suspects.map { _, state in
            let sums = counters.map { _ in
                defer { counts = counts.dropFirst(granules.count) }
                return counts.prefix(granules.count).reduce(0) { saturatingSum($0, max($1 ?? 0, 0)) }
            }
            let isRecovering = if case .recovering = state { true } else { false }
            return settings.opens(errors: sums[0], total: sums[1], recoveryErrors: isRecovering ? sums[2] : nil)
        }
    }

    private func open(_ name: CircuitName, at now: Timestamp) throws(RedisError) -> CircuitState {
        let end = now.seconds + settings.openSeconds
        var request = RedisRequest()
        request.append("SET", CircuitBreakerKey.open(name), String(end), "EX", String(settings.openSeconds))
        request.append(
            "SET", CircuitBreakerKey.recovery(name), String(end + settings.recoverySeconds), "EX",
            String(settings.openSeconds + settings.recoverySeconds))
        for reply in try connection.values(of: request, isRepeatable: true) {
            _ = try reply.checked(key: CircuitBreakerKey.open(name))
        }
        return .open(until: end)
    }

    /// Tries what is read and written, with keys of its own that exist for a moment: a Redis that responds may still
    /// refuse writes, or this user.
    package func checkWrites(at now: Timestamp) throws(RedisError) {
        // No app has such a slug. Several checks may run at the same time.
        let name = CircuitName.app(slug: ".check-" + EventIDSource.random.next())
        _ = try record([CircuitTally(name, successes: 1)], at: now)
        _ = try open(name, at: now)
        _ = try claimMail(name)
        try releaseMail(name)
        guard let granule = settings.granules(at: now.seconds).first else { return }
        let keys = [
            CircuitBreakerKey.open(name), CircuitBreakerKey.recovery(name),
            CircuitBreakerKey.count(.total, name, settings, granule: granule),
        ]
        var request = RedisRequest()
        for key in keys { request.append("DEL", key) }
        for (key, reply) in zip(keys, try connection.values(of: request, isRepeatable: true)) {
            _ = try reply.count(key: key)
        }
    }

    /// Whether the owners of an app are to be mailed that its breaker has opened: true for one caller only, and not
    /// again as long as it keeps opening (docs/protocol.md 7.9).
    package func claimMail(_ name: CircuitName) throws(RedisError) -> Bool {
        let key = CircuitBreakerKey.mail(name)
        let seconds = String(settings.mailSeconds)
        var request = RedisRequest()
        request.append("SET", key, "1", "NX", "EX", seconds)
        let reply = try (try connection.values(of: request, isRepeatable: false).first ?? .null).checked(key: key)
        if reply.string != nil { return true }
        var renewal = RedisRequest()
        renewal.append("EXPIRE", key, seconds)
        _ = try (try connection.values(of: renewal, isRepeatable: true).first ?? .null).count(key: key)
        return false
    }

    /// Lets the mail be claimed again, because it was not queued.
    package func releaseMail(_ name: CircuitName) throws(RedisError) {
        let key = CircuitBreakerKey.mail(name)
        var request = RedisRequest()
        request.append("DEL", key)
        _ = try (try connection.values(of: request, isRepeatable: true).first ?? .null).count(key: key)
    }

    /// Values of keys, one command each; what is absent or no number is nil.
    private func numbers(of keys: [String]) throws(RedisError) -> [Int64?] {
        guard !keys.isEmpty else { return [] }
        var request = RedisRequest()
        for key in keys { request.append("GET", key) }
        let replies = try connection.values(of: request, isRepeatable: true)
        var numbers: [Int64?] = []
        for (key, reply) in zip(keys, replies) { numbers.append(try reply.checked(key: key).number) }
        return numbers
    }
}

/// Reads the circuit breakers of apps. One object serves one thread.
package protocol CircuitBreakerReading: AnyObject {
    /// The states of apps, in one round trip.
    func states(of names: [CircuitName], at now: Timestamp) throws(RedisError) -> [CircuitState]
}

extension CircuitBreakers: CircuitBreakerReading {}

/// The keys of a breaker: for apps the original's (docs/protocol.md 7.9).
enum CircuitBreakerKey {
    enum Counter: String {
        case errors = "ok"
        /// Errors while the app is watched more closely.
        case recovery
        case total = "total_requests"
    }

    /// When the breaker closes, as seconds since 1970.
    static func open(_ name: CircuitName) -> String { name.keyName + ".broken" }

    /// When the closer watch ends, as seconds since 1970.
    static func recovery(_ name: CircuitName) -> String { name.keyName + ".in_recovery" }

    static func mail(_ name: CircuitName) -> String { name.mailKey }

    static func count(
        _ counter: Counter, _ name: CircuitName, _ settings: CircuitBreakerSettings, granule: Int64
    ) -> String {
        "\(name.counterPrefix).\(counter.rawValue):\(settings.windowSeconds):\(settings.granularity):\(granule)"
    }
}
