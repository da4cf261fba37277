import System

/// Decides whether an app's next event goes to the sender, waits a moment, or goes back into the queue for a while, so
/// that an app that is slow or has a lot to get does not take the place of others. Pure.
///
/// An app that answers fast gets a short supply beside the attempts under way, and when that is full the reader waits
/// for it: the queue comes to no harm by milliseconds. An app that does not is not waited for. Its events go back, each
/// to the moment at which, at the app's pace, its turn will have come - but none later than `longestHold`, in case the
/// app gets better, unless there are so many that their coming and going would cost more than `shortestReturn` allows.
struct AppPacing {
    enum Decision: Hashable {
        case submit
        /// The app is fast: it will soon have room.
        case wait(Duration)
        /// The event is put back, to be delivered after this time.
        case holdBack(Duration)
    }

    /// An app is supplied with what it is expected to begin within this time.
    static let supply: Int64 = 100_000
    /// The most events of one app that wait in the sender.
    static let maximumSupply = 128
    /// An app that begins the next event after no more than this time is waited for.
    static let fastSpacing: Int64 = 1000
    static let longestWait: Int64 = 5000
    static let shortestHold: Int64 = 100_000
    static let longestHold: Int64 = 30_000_000
    /// Events that an app gets back from its held ones have at least this distance.
    static let shortestReturn: Int64 = 2000
    /// What an attempt is thought to take before the first has ended.
    static let firstGuess: Int64 = 50_000
    static let maximumLanes = 4096

    private struct Lane {
        /// What an attempt takes, smoothed over about eight.
        var average = AppPacing.firstGuess
        var hasEnded = false
        /// When an attempt last ended, or the first of now began.
        var lastSign: MonotonicTime
        /// Up to when the pace has been promised to events that were held back.
        var promised: Int64 = 0
        /// The same by `shortestReturn`.
        var returning: Int64 = 0
    }

    private let limit: Int
    private var lanes: [Int64: Lane] = [:]

    /// Apps that something is known of.
    var laneCount: Int { lanes.count }

    /// - Parameter limit: attempts under way at the same time to one app.
    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Notes what an attempt took.
    mutating func recordEnd(app: Int64, milliseconds: Int, now: MonotonicTime) {
        var lane = lanes[app] ?? Lane(lastSign: now)
        let duration = Int64(clamping: milliseconds) * 1000
        lane.average = lane.hasEnded ? (lane.average * 7 + duration) / 8 : duration
        lane.hasEnded = true
        lane.lastSign = now
        lanes[app] = lane
    }

    /// - Parameters:
    ///   - running: attempts under way to the app.
    ///   - waiting: its requests that wait in the sender.
    mutating func decision(app: Int64, running: Int, waiting: Int, now: MonotonicTime) -> Decision {
        if lanes[app] == nil { makeRoom(now) }
        var lane = lanes[app] ?? Lane(lastSign: now)
        defer { lanes[app] = lane }
        if running == 0 { lane.lastSign = now }
        guard running >= limit || waiting > 0 else { return .submit }
        let spacing = spacing(lane, running: running, now: now)
        let supply = min(AppPacing.maximumSupply, Int(AppPacing.supply / max(1, spacing)))
        if running + waiting < limit + supply { return .submit }
        if spacing <= AppPacing.fastSpacing {
            return .wait(.microseconds(min(AppPacing.longestWait, max(500, spacing * Int64(supply / 2)))))
        }
        return .holdBack(.microseconds(hold(&lane, spacing: spacing, now: now.microseconds)))
    }

    /// Microseconds from one beginning to the next. An app that says nothing is as slow as it has been silent.
    private func spacing(_ lane: Lane, running: Int, now: MonotonicTime) -> Int64 {
        let silence = running >= limit ? now.microseconds - lane.lastSign.microseconds : 0
        return max(lane.average, silence) / Int64(limit)
    }

    private func hold(_ lane: inout Lane, spacing: Int64, now: Int64) -> Int64 {
        // A little early: what comes too soon goes back once more, what comes too late leaves the app idle.
        lane.promised = max(lane.promised + spacing * 4 / 5, now + AppPacing.shortestHold)
        lane.promised = min(lane.promised, now + AppPacing.longestHold)
        lane.returning = max(lane.returning + AppPacing.shortestReturn, now)
        return max(lane.promised, lane.returning) - now
    }

    /// Forgets apps that were quiet for a minute, or all, when there are too many.
    private mutating func makeRoom(_ now: MonotonicTime) {
        guard lanes.count >= AppPacing.maximumLanes else { return }
        lanes = lanes.filter { $0.value.lastSign.microseconds > now.microseconds - 60_000_000 }
        if lanes.count >= AppPacing.maximumLanes { lanes.removeAll() }
    }
}
