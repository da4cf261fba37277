import Buffer
import Handlers
import Model
import ProgramSupport
import Redis
package import System

/// The state of this process for the status page: a slot for each thread, the listening socket, memory.
package final class StatusBoard: Sendable {
    package let slots: [ThreadSlot]
    /// The responder's name (`PoolName`).
    package let pool: String
    private let manager: ProcessStatus.Manager
    private let activity: ThreadActivity
    private let queue: ListenQueueGauge?

    /// - Parameter socket: the descriptor where connections wait; nil = there is none, and the web server starts a
    ///   process for each request.
    package init(threadCount: Int, socket: Int32?) {
        pool = socket.flatMap { PoolName.of(descriptor: $0) } ?? "hookline"
        manager = socket == nil ? .onDemand : .static
        let activity = ThreadActivity(threadCount: socket == nil ? nil : threadCount)
        self.activity = activity
        queue = socket.map { ListenQueueGauge(descriptor: $0) }
        let now = Timestamp.now()
        slots = (0..<threadCount).map { _ in ThreadSlot(activity: activity, startedAt: now) }
    }

    /// Samples the number of waiting connections, at most once a second; to be called more often than that.
    package func sample(at now: MonotonicTime) {
        queue?.sample(at: now)
    }

    /// The current state.
    func status() -> ProcessStatus {
        var status = ProcessStatus(pool: pool, manager: manager)
        for slot in slots {
            let state = slot.snapshot
            status.threads.append(state.thread)
            status.requests.add(state.requests)
            status.slowRequestCount += state.slowRequestCount
            status.redis.add(state.redis)
            status.skippedElementCount += state.skippedElementCount
        }
        status.maximumActiveThreads = activity.maximumActive
        status.exhaustionCount = activity.exhaustionCount
        status.listenQueue = queue?.now()
        status.memory = ProcessMemory.now()
        return status
    }
}
