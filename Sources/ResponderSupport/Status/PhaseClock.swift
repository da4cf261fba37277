import Handlers
import ProgramSupport
import System

/// Measures the phases of one thread's requests. For each request, its methods are called in the order of their
/// declarations.
final class PhaseClock {
    private struct Reading {
        var time = MonotonicTime(microseconds: 0)
        var redis: Int64 = 0
        var directory: Int64 = 0
    }

    private let redisMicroseconds: () -> Int64
    private let directoryMicroseconds: () -> Int64
    private var complete = Reading()
    private var identified: Reading?
    private var responded = Reading()

    /// - Parameters:
    ///   - redisMicroseconds: what this thread has waited for Redis so far.
    ///   - directoryMicroseconds: what its lookups in the directory have taken so far.
    init(redisMicroseconds: @escaping () -> Int64 = { 0 }, directoryMicroseconds: @escaping () -> Int64 = { 0 }) {
        self.redisMicroseconds = redisMicroseconds
        self.directoryMicroseconds = directoryMicroseconds
    }

    /// Parameters and body have been received, or the request is refused before that.
    func completeRequest() {
        complete = reading()
        identified = nil
    }

    /// The caller is identified.
    func identify() {
        identified = reading()
    }

    /// The response is complete and not yet sent.
    func completeResponse() {
        responded = reading()
    }

    /// The response is sent: returns the phases of the request.
    ///
    /// - Parameter arrival: when the request's first byte arrived.
    func phases(since arrival: MonotonicTime) -> RequestPhases {
        var phases = RequestPhases()
        phases.parameters = max(0, complete.time.microseconds - arrival.microseconds)
        phases.directory = responded.directory - complete.directory
        phases.redis = responded.redis - complete.redis
        if let identified { phases.identity = PhaseClock.ownTime(from: complete, to: identified) }
        phases.merge = max(0, PhaseClock.ownTime(from: complete, to: responded) - phases.identity)
        phases.write = max(0, responded.time.microsecondsUntilNow)
        return phases
    }

    private func reading() -> Reading {
        Reading(time: .now(), redis: redisMicroseconds(), directory: directoryMicroseconds())
    }

    /// The time from `start` to `end` without waits for Redis and the directory. Never negative, although the three
    /// times are rounded separately.
    private static func ownTime(from start: Reading, to end: Reading) -> Int64 {
        let passed = end.time.microseconds - start.time.microseconds
        return max(0, passed - (end.redis - start.redis) - (end.directory - start.directory))
    }
}
