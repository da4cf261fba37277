import CFastCGI
import Glibc
import ResponderSupport
import Synchronization
import System

/// A connection whose request can be read without waiting for the peer.
struct ReadyConnection: Sendable {
    let connection: Connection
    /// When that was seen.
    let arrival: MonotonicTime
    /// The request that waits in the socket; nothing of it where it has been received.
    let request: RecordScanner.WholeRequest
    /// What has been received of a request that was not in the socket as a whole; nil = it is.
    let reception: Reception?

    /// When the request's first byte was seen.
    var beginning: MonotonicTime { reception?.arrival ?? arrival }
}

/// Connections that are ready for any thread, in the order in which they came. Safe to use from many threads.
///
/// A thread that waits for events does not see what is added here, unless it is woken (`wakeWaiter`).
final class ReadyConnections: Sendable {
    private struct Queue: Sendable {
        var connections: [ReadyConnection] = []
        /// Those before it are taken.
        var first = 0
    }

    /// An eventfd that has an event for one thread, each time that it has to look here.
    let wakeEvent: Int32
    private let queue = Lock(Queue())
    /// How many there are; changed under the lock. Raised before `waiters` is read.
    private let count = Atomic(0)
    /// Threads that wait for events. Raised before `count` is read for the last time.
    private let waiters = Atomic(0)

    init() throws(SystemCallError) {
        wakeEvent = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard wakeEvent >= 0 else { throw SystemCallError(call: "eventfd") }
    }

    deinit {
        close(wakeEvent)
    }

    func append(_ connection: ReadyConnection) {
        queue.withLock { queue in
            queue.connections.append(connection)
            count.add(1, ordering: .sequentiallyConsistent)
        }
    }

    func take() -> ReadyConnection? {
        // Every second look of a thread that is not busy finds nothing: no lock is needed for that. A connection that
        // is added at this moment is taken by the thread that adds it, at its next look.
        guard count.load(ordering: .acquiring) > 0 else { return nil }
        return queue.withLock { queue in
            guard queue.first < queue.connections.count else { return nil }
            count.subtract(1, ordering: .relaxed)
            defer {
                queue.first += 1
                if queue.first == queue.connections.count {
                    queue.connections.removeAll(keepingCapacity: true)
                    queue.first = 0
                }
            }
            return queue.connections[queue.first]
        }
    }

    /// For a thread that will wait for events: whether there is nothing here. Until `endWait` it can be woken.
    func beginWait() -> Bool {
        waiters.add(1, ordering: .sequentiallyConsistent)
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return true }
        endWait()
        return false
    }

    func endWait() {
        waiters.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Wakes a thread that waits for events if there are connections: for a thread that is about to wait for something
    /// else and takes no more of them.
    func wakeWaiter() {
        guard count.load(ordering: .sequentiallyConsistent) > 0, waiters.load(ordering: .sequentiallyConsistent) > 0
        else { return }
        eventfd_write(wakeEvent, 1)
    }
}
