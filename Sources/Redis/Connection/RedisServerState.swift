import Synchronization
import System

/// What a process knows of its Redis, shared by the connections of all threads: whether it responds, and which
/// connections may still lead to the master.
///
/// Silence is remembered only while a `RedisMonitor` runs, which finds out when it ends; then calls fail at once
/// instead of waiting for their own timeout.
package final class RedisServerState: Sendable {
    /// Replies are noted at this granularity, so that threads seldom write to shared memory. Microseconds.
    private static let replyGranularity: Int64 = 10_000
    /// After this long without any reply, in microseconds, a thread that waits beyond the limit gives up.
    private static let sheddingMicroseconds: Int64 = 500_000

    /// How many calls may wait for a silent Redis at the same time; the threads beyond it serve what needs no Redis.
    private let waiterLimit: Int
    private let generationNumber = Atomic(0)
    /// When a reply last arrived on any connection, in microseconds.
    private let lastReply = Atomic<Int64>(.min)
    private let waiterCount = Atomic(0)
    private let silent = Atomic(false)
    /// How long Redis had been given when it turned silent, in milliseconds.
    private let silentMilliseconds = Atomic<Int64>(0)
    private let monitoring = Condition(Monitoring())

    private struct Monitoring {
        var isRunning = false
        var isStopping = false
        /// Somebody has reason to doubt what is known.
        var isProbeWanted = false
    }

    /// - Parameter waiterLimit: one less than the number of threads that must not all wait for Redis.
    package init(waiterLimit: Int = .max) {
        self.waiterLimit = max(1, waiterLimit)
    }

    /// Connections made in an earlier generation are closed before they are used again.
    var generation: Int { generationNumber.load(ordering: .acquiring) }

    /// Makes every connection of the process be replaced.
    package func closeConnections() {
        generationNumber.add(1, ordering: .acquiringAndReleasing)
    }

    // MARK: Silence

    /// Whether Redis did not respond the last time, and has not since.
    package var isSilent: Bool { silent.load(ordering: .relaxed) }

    /// Notes that a reply arrived.
    func noteReply(at microseconds: Int64) {
        guard microseconds - Self.replyGranularity > lastReply.load(ordering: .relaxed) else { return }
        lastReply.store(microseconds, ordering: .relaxed)
    }

    /// Notes that a call got no reply in its time. Redis counts as silent unless another connection got one meanwhile.
    func noteTimeout(since start: MonotonicTime, milliseconds: Int64) {
        guard lastReply.load(ordering: .relaxed) < start.microseconds else { return }
        let isMonitored = monitoring.withLock { $0.isRunning }
        guard isMonitored else { return }
        silentMilliseconds.store(milliseconds, ordering: .relaxed)
        silent.store(true, ordering: .relaxed)
        requestProbe()
    }

    func endSilence() {
        silent.store(false, ordering: .relaxed)
    }

    /// The calling thread is about to wait for a reply that is late.
    func beginWait() {
        waiterCount.add(1, ordering: .relaxed)
    }

    func endWait() {
        waiterCount.subtract(1, ordering: .relaxed)
    }

    /// Whether a thread that waits should give up: Redis is silent, or has not been heard of for a while and with that
    /// threads wait that none is left for other work.
    func shouldStopWaiting(at now: MonotonicTime) -> Bool {
        isSilent || waiterCount.load(ordering: .relaxed) > waiterLimit && isOverdue(at: now)
    }

    /// Why a call must not begin; nil when it may. A Redis that has not been heard of for a while, and that as many
    /// threads wait for as may, keeps no other thread.
    func refusal(at now: MonotonicTime) -> String? {
        if isSilent {
            let milliseconds = silentMilliseconds.load(ordering: .relaxed)
            return "no response within \(milliseconds) ms; one connection tries again"
        }
        let count = waiterCount.load(ordering: .relaxed)
        return count >= waiterLimit && isOverdue(at: now) ? "\(count) calls wait for a response already" : nil
    }

    private func isOverdue(at now: MonotonicTime) -> Bool {
        lastReply.load(ordering: .relaxed) < now.microseconds - Self.sheddingMicroseconds
    }

    // MARK: The monitor's part

    /// Makes the monitor look at once.
    func requestProbe() {
        monitoring.change { monitoring in
            monitoring.isProbeWanted = true
            return true
        }
    }

    func beginMonitoring() {
        monitoring.withLock { $0 = Monitoring(isRunning: true) }
    }

    func endMonitoring() {
        monitoring.withLock { $0.isRunning = false }
        endSilence()
    }

    func stopMonitoring() {
        monitoring.change { monitoring in
            monitoring.isStopping = true
            return true
        }
    }

    /// Waits until the next look is due or wanted; false when the monitor is to end.
    ///
    /// - Parameter shortest: the pause in any case, so that wishes do not make a busy loop.
    func waitForProbe(shortest: Duration, longest: Duration) -> Bool {
        let start = MonotonicTime.now()
        let isStopping = monitoring.wait(until: start.adding(shortest)) { $0.isStopping ? true : nil }
        if isStopping != nil { return false }
        _ = monitoring.wait(until: start.adding(longest)) { monitoring -> Bool? in
            monitoring.isProbeWanted || monitoring.isStopping ? true : nil
        }
        return monitoring.withLock { monitoring in
            monitoring.isProbeWanted = false
            return !monitoring.isStopping
        }
    }
}
