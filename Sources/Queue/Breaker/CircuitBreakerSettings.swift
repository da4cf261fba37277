package import Model

/// When a circuit breaker opens and for how long (docs/circuit-breaker.md). The defaults are the original's
/// (docs/protocol.md 7.9).
package struct CircuitBreakerSettings: Hashable, Sendable {
    /// The results that count as errors. All others are successes or say nothing about the app.
    package enum Errors: String, CaseIterable, Sendable {
        /// Attempts that were ended by their deadline. Every response is a success, and other failures do not count: as
        /// the original.
        case hardTimeout = "hard-timeout"
        /// Every failure of the app. A response that is not 2xx is one.
        case failures
    }

    /// How far back errors count.
    package var windowSeconds: Int64
    /// For how long nothing is sent.
    package var openSeconds: Int64
    /// The share of errors among the attempts of the window that opens it, 0 to 1.
    package var threshold: Double
    /// The least number of errors that opens it.
    package var floor: Int64
    package var errors: Errors

    package init(
        windowSeconds: Int64 = 600, openSeconds: Int64 = 300, threshold: Double = 0.5, floor: Int64 = 500,
        errors: Errors = .hardTimeout
    ) {
        self.windowSeconds = windowSeconds
        self.openSeconds = openSeconds
        self.threshold = threshold
        self.floor = floor
        self.errors = errors
    }

    /// The part of the window that one counter covers, in seconds.
    var granularity: Int64 { max(windowSeconds / 20, 5) }

    /// How long the app is watched more closely after the breaker was open.
    var recoverySeconds: Int64 { 2 * windowSeconds }

    /// `floor` while the app is watched more closely.
    package var recoveryFloor: Int64 { max(floor / 10, 1) }

    /// The numbers of the counters of the window at a time, the one that is written first. The original counts into the
    /// one before the current.
    func granules(at seconds: Int64) -> [Int64] {
        let count = (windowSeconds + granularity - 1) / granularity
        return (1...count).map { seconds / granularity - $0 }
    }

    /// Whether the counts of the window open the breaker.
    ///
    /// The share is that of the whole window also while the app is watched more closely. How the original counts it
    /// then is not known (docs/protocol.md 7.9).
    ///
    /// - Parameter recoveryErrors: those since the app is watched more closely; nil when it is not.
    func opens(errors: Int64, total: Int64, recoveryErrors: Int64?) -> Bool {
        let isFloorReached = recoveryErrors.map { $0 >= recoveryFloor } ?? (errors >= floor)
        return isFloorReached && Double(errors) >= threshold * Double(total)
    }

    /// For how long owners get no second mail, in seconds after the last time it opened.
    package var mailSeconds: Int64 { max(openSeconds + recoverySeconds, 86_400) }
}

/// The state of the circuit breaker of an app.
package enum CircuitState: Hashable, Sendable {
    /// Webhooks are sent.
    case closed
    /// No webhooks are sent until then, in seconds since 1970.
    case open(until: Int64)
    /// Webhooks are sent. Until then, fewer errors open it again.
    case recovering(until: Int64)

    package var isOpen: Bool {
        switch self {
        case .open: true
        case .closed, .recovering: false
        }
    }

    /// As in responses: `closed`, `open` or `recovering`.
    package var name: String {
        switch self {
        case .closed: "closed"
        case .open: "open"
        case .recovering: "recovering"
        }
    }

    /// When it changes by itself; nil when it is closed.
    package var end: Timestamp? {
        switch self {
        case .closed: nil
        case .open(let end), .recovering(let end): Timestamp(seconds: end)
        }
    }
}
