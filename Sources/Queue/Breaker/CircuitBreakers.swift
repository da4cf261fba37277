package import Model
package import Redis

/// Results of an app's webhooks, for its circuit breaker.
package struct CircuitTally: Hashable, Sendable {
    package var appSlug: String
    package var errors: Int64
    package var successes: Int64

    package init(appSlug: String, errors: Int64 = 0, successes: Int64 = 0) {
        self.appSlug = appSlug
        self.errors = errors
        self.successes = successes
    }
}

/// The circuit breakers of apps, in Redis: the original's keys and counters, byte for byte, so that it and Hookline
/// share one state (docs/protocol.md 7.9). One object serves one thread.
///
/// The keys have no hash tag and may be on several nodes: each command is about one key.
package final class CircuitBreakers {
    /// A year, in seconds: more than the settings allow.
    private static let longestState: Int64 = 31_536_000

    private let connection: RedisConnection
    private let settings: CircuitBreakerSettings

    package init(connection: RedisConnection, settings: CircuitBreakerSettings) {
        self.connection = connection
        self.settings = settings
    }

    /// The states of apps, in one round trip.
    package func states(of slugs: [String], at now: Timestamp) throws(RedisError) -> [CircuitState] {
        guard !slugs.isEmpty else { return [] }
        let keys = slugs.flatMap { [CircuitBreakerKey.open($0), CircuitBreakerKey.recovery($0)] }
        let ends = try numbers(of: keys)
        return slugs.indices.map { index in
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
    package func record(_ tallies: [CircuitTally], at now: Timestamp) throws(RedisError) -> [String: CircuitState] {
        let tallies = tallies.filter { $0.errors > 0 || $0.successes > 0 }
        let states = try states(of: tallies.map(\.appSlug), at: now)
        let counted = zip(tallies, states).filter { !$1.isOpen }
        try count(counted, at: now)
        let suspects = counted.filter { $0.0.errors > 0 }
        var opened: [String: CircuitState] = [:]
        for ((tally, _), mustOpen) in zip(suspects, try opening(suspects, at: now)) where mustOpen {
            opened[tally.appSlug] = try open(tally.appSlug, at: now)
        }
        return opened
    }

    private func count(_ counted: [(CircuitTally, CircuitState)], at now: Timestamp) throws(RedisError) {
        var request = RedisRequest()
        var keys: [String] = []
        func add(_ count: Int64, _ counter: CircuitBreakerKey.Counter, _ slug: String) {
            guard count > 0, let granule = settings.granules(at: now.seconds).first else { return }
            let key = CircuitBreakerKey.count(counter, slug, settings, granule: granule)
            request.append("INCRBY", key, String(count))
            request.append("EXPIRE", key, String(settings.windowSeconds))
            keys += [key, key]
        }
        for (tally, state) in counted {
            add(tally.errors, .errors, tally.appSlug)
            if case .recovering = state { add(tally.errors, .recovery, tally.appSlug) }
            add(tally.errors + tally.successes, .total, tally.appSlug)
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
                    granules.map { CircuitBreakerKey.count(counter, tally.appSlug, settings, granule: $0) }
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

    private func open(_ slug: String, at now: Timestamp) throws(RedisError) -> CircuitState {
        let end = now.seconds + settings.openSeconds
        var request = RedisRequest()
        request.append("SET", CircuitBreakerKey.open(slug), String(end), "EX", String(settings.openSeconds))
        request.append(
            "SET", CircuitBreakerKey.recovery(slug), String(end + settings.recoverySeconds), "EX",
            String(settings.openSeconds + settings.recoverySeconds))
        for reply in try connection.values(of: request, isRepeatable: true) {
            _ = try reply.checked(key: CircuitBreakerKey.open(slug))
        }
        return .open(until: end)
    }

    /// Tries what is read and written, with keys of its own that exist for a moment: a Redis that responds may still
    /// refuse writes, or this user.
    package func checkWrites(at now: Timestamp) throws(RedisError) {
        // No app has such a slug. Several checks may run at the same time.
        let slug = ".check-" + EventIDSource.random.next()
        _ = try record([CircuitTally(appSlug: slug, successes: 1)], at: now)
        _ = try open(slug, at: now)
        _ = try claimMail(appSlug: slug)
        try releaseMail(appSlug: slug)
        guard let granule = settings.granules(at: now.seconds).first else { return }
        let keys = [
            CircuitBreakerKey.open(slug), CircuitBreakerKey.recovery(slug),
            CircuitBreakerKey.count(.total, slug, settings, granule: granule),
        ]
        var request = RedisRequest()
        for key in keys { request.append("DEL", key) }
        for (key, reply) in zip(keys, try connection.values(of: request, isRepeatable: true)) {
            _ = try reply.count(key: key)
        }
    }

    /// Whether the owners of an app are to be mailed that its breaker has opened: true for one caller only, and not
    /// again as long as it keeps opening (docs/protocol.md 7.9).
    package func claimMail(appSlug: String) throws(RedisError) -> Bool {
        let key = CircuitBreakerKey.mail(appSlug)
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
    package func releaseMail(appSlug: String) throws(RedisError) {
        let key = CircuitBreakerKey.mail(appSlug)
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
    func states(of slugs: [String], at now: Timestamp) throws(RedisError) -> [CircuitState]
}

extension CircuitBreakers: CircuitBreakerReading {}

/// The original's keys (docs/protocol.md 7.9).
enum CircuitBreakerKey {
    enum Counter: String {
        case errors = "ok"
        /// Errors while the app is watched more closely.
        case recovery
        case total = "total_requests"
    }

    private static func base(_ slug: String) -> String { "sentry-app.webhook.\(slug).circuit_breaker" }

    /// When the breaker closes, as seconds since 1970.
    static func open(_ slug: String) -> String { base(slug) + ".broken" }

    /// When the closer watch ends, as seconds since 1970.
    static func recovery(_ slug: String) -> String { base(slug) + ".in_recovery" }

    static func mail(_ slug: String) -> String { "sentry-app.webhook.circuit-breaker.notified.\(slug)" }

    static func count(
        _ counter: Counter, _ slug: String, _ settings: CircuitBreakerSettings, granule: Int64
    ) -> String {
        "sliding-window-rate-limit:\(base(slug)).\(counter.rawValue):\(settings.windowSeconds):"
            + "\(settings.granularity):\(granule)"
    }
}
