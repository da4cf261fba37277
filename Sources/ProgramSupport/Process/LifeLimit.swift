package import System

/// When a process has answered enough, or is old enough, to reload itself.
package struct LifeLimit {
    /// How long after a reload that failed the next one is tried, in seconds.
    package static let retrySeconds = 60
    /// The largest part of a limit that is taken off by chance, so that processes that were started together do not reload
    /// together.
    private static let spread = 0.1

    /// 0 = no limit.
    private let requests: Int
    private let end: MonotonicTime?
    private var earliest: MonotonicTime

    /// - Parameters:
    ///   - maximumRequests: 0 = no limit.
    ///   - maximumAgeSeconds: from `now` on; 0 = no limit.
    ///   - random: a number from 0 to 1.
    package init(maximumRequests: Int, maximumAgeSeconds: Int, now: MonotonicTime, random: () -> Double) {
        requests = maximumRequests == 0 ? 0 : max(1, Int(Double(maximumRequests) * (1 - Self.spread * random())))
        let age = Double(maximumAgeSeconds) * 1_000_000 * (1 - Self.spread * random())
        end = maximumAgeSeconds == 0 ? nil : MonotonicTime(microseconds: now.microseconds + Int64(age))
        earliest = now
    }

    /// Why a reload is due; nil while none is.
    package func reason(at now: MonotonicTime, answered: Int) -> String? {
        guard earliest <= now else { return nil }
        if requests > 0, answered >= requests { return Setting.maximumRequests.flag }
        if let end, end <= now { return Setting.maximumAgeSeconds.flag }
        return nil
    }

    /// Gives a reload that has failed, or is under way, time before the next one.
    package mutating func postpone(from now: MonotonicTime) {
        earliest = now.adding(seconds: Self.retrySeconds)
    }
}
