import CFastCGI
import CSystem
import Glibc
import ProgramSupport
import Synchronization
import System

/// A connection on which a request has begun to arrive.
struct ReadyConnection: Sendable {
    let connection: Connection
    /// When that was seen.
    let arrival: MonotonicTime
    /// Whether all of the request had arrived by then.
    let isWhole: Bool
}

/// The listening socket and the idle connections: where worker threads wait for the next request.
///
/// One thread at a time waits on the epoll instance (`WorkerPool`) and takes several connections at once, as many as
/// are ready. They are queued for all threads, so that one that is held up holds up no other connection.
final class ConnectionPoller: Sendable {
    /// Longer than the 60 seconds of nginx's `keepalive_timeout`, so that nginx is the one that closes.
    static let keepAliveSeconds = 75
    /// How often in a row a thread accepts before it looks for events, so that idle connections get their turn.
    static let longestStreak = 16
    /// The most connections that a thread takes at once.
    static let largestBatch = 16

    private struct Queue: Sendable {
        var connections: [ReadyConnection] = []
        /// Those before it are taken.
        var first = 0
    }

    private enum Acceptance {
        case accepted(Connection)
        /// No connection is waiting, or this process accepts no more.
        case none
        case failed(code: Int32)
    }

    let probe: LivenessProbe
    private let poll: EventPoll
    private let idle: IdleConnections
    private let listener: Int32
    /// An eventfd that is readable once the threads have to end.
    private let shutdownEvent: Int32
    private let silenceSeconds: Int
    /// `largestBatch`, less in tests. Where this many connections are ready, another thread is needed.
    private let batchSize: Int
    private let ready = Lock(Queue())
    /// How many connections `ready` holds; changed under its lock.
    private let readyCount = Atomic(0)
    /// Accepted and not yet closed. Raised before `isDraining` is read and before a connection is accepted: once
    /// draining has begun, zero means that none is left and none will come.
    private let open = Atomic(0)
    private let isDraining = Atomic(false)

    /// - Parameters:
    ///   - listener: becomes non-blocking, in other processes that share it, too.
    ///   - silenceSeconds: how long a new connection may stay silent.
    ///   - idleLimit: the most idle connections; beyond it the one nearest to its deadline is closed.
    init(
        listener: Int32, silenceSeconds: Int, idleLimit: Int, batchSize: Int = largestBatch, poll: EventPoll? = nil
    ) throws(SystemCallError) {
        self.listener = listener
        self.silenceSeconds = silenceSeconds
        self.batchSize = batchSize
        let poll = if let poll { poll } else { try EventPoll() }
        self.poll = poll
        idle = IdleConnections(limit: idleLimit, poll: poll)
        shutdownEvent = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard shutdownEvent >= 0 else { throw SystemCallError(call: "eventfd") }
        probe = try LivenessProbe()
        guard fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK) == 0 else {
            throw SystemCallError(call: "fcntl")
        }
        guard poll.add(shutdownEvent, .shutdown, .level), poll.add(listener, .listener, .edge),
            poll.add(probe.descriptor, .probe, .once)
        else {
            throw SystemCallError(call: "epoll_ctl")
        }
    }

    deinit {
        for connection in idle.evict(where: { _ in true }) { connection.close() }
        while let ready = takeReady() { ready.connection.close() }
        Glibc.close(shutdownEvent)
    }

    // MARK: - For worker threads

    /// Waits for a connection that has something to read; nil = the thread has to end.
    ///
    /// - Parameters:
    ///   - member: the thread's.
    ///   - streak: how often in a row the thread has accepted connections; begins with 0.
    func next(_ member: WorkerPool.Member, streak: inout Int) throws(SystemCallError) -> ReadyConnection? {
        while true {
            if let ready = takeReady() { return ready }
            if streak < Self.longestStreak {
                let count = acceptBatch()
                if count == batchSize { member.callAnother() }
                if count > 0 {
                    streak += 1
                    continue
                }
            } else {
                // There may be connections that no event has reported.
                rearmListener()
            }
            streak = 0
            guard member.mayWait() else { continue }
            if try !waitForEvents(member) { return nil }
        }
    }

    /// Handles the next events; false when it is shut down.
    private func waitForEvents(_ member: WorkerPool.Member) throws(SystemCallError) -> Bool {
        var isShutDown = false
        var count = 0
        try poll.wait(atMost: batchSize) { tag in
            switch tag {
            case .shutdown: isShutDown = true
            case .probe:
                probe.respond()
                _ = poll.rearm(probe.descriptor, .probe, .once)
            case .listener: count += acceptBatch()
            default:
                guard let connection = idle.claim(tag) else { return }
                enqueue(connection, connection.input)
                count += 1
            }
        }
        if count >= batchSize { member.callAnother() }
        return !isShutDown
    }

    private func takeReady() -> ReadyConnection? {
        // Every second look of a thread that is not busy finds nothing: no lock is needed for that. A connection that
        // is added at this moment is taken by the thread that adds it, at its next look.
        guard readyCount.load(ordering: .acquiring) > 0 else { return nil }
        return ready.withLock { queue in
            guard queue.first < queue.connections.count else { return nil }
            readyCount.subtract(1, ordering: .relaxed)
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

    /// - Parameter input: found before this call.
    private func enqueue(_ connection: Connection, _ input: Connection.Input) {
        let entry = ReadyConnection(connection: connection, arrival: .now(), isWhole: input == .whole)
        ready.withLock { queue in
            queue.connections.append(entry)
            readyCount.add(1, ordering: .releasing)
        }
    }

    /// Takes back a connection after its response, to wait for its next request.
    func park(_ connection: Connection) {
        park(connection, seconds: Self.keepAliveSeconds, isKeptAlive: true)
    }

    func close(_ connection: Connection) {
        connection.close()
        open.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// For a thread that got no descriptor: evicts an idle connection, or waits a little for one to be closed.
    func freeDescriptor() {
        if let oldest = idle.evictOldest() { close(oldest) } else { Glibc.poll(nil, 0, 10) }
    }

    // MARK: - For the server

    /// Connections accepted and not yet closed.
    var openCount: Int { open.load(ordering: .sequentiallyConsistent) }

    /// Closes the idle connections whose deadline has passed, but not those that have something to read and wait for a
    /// thread.
    func enforceDeadlines(at now: MonotonicTime) {
        for connection in idle.evict(where: { $0.deadline <= now && !$0.connection.isReadable }) { close(connection) }
    }

    /// Accepts and keeps no more connections, and closes idle ones. Requests in progress go on.
    func drain() {
        poll.remove(listener)
        isDraining.store(true, ordering: .sequentiallyConsistent)
        for connection in idle.drain() { close(connection) }
    }

    /// While draining: accepts the connections that are left in the listening socket's queue.
    func acceptRemaining() {
        while true {
            open.add(1, ordering: .sequentiallyConsistent)
            let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            if descriptor >= 0 {
                parkSilent(Connection(descriptor: descriptor))
                continue
            }
            let code = errno
            open.subtract(1, ordering: .sequentiallyConsistent)
            guard Self.isShortage(code), let oldest = idle.evictOldest() else { return }
            close(oldest)
        }
    }

    /// Ends all threads once they are idle.
    func shutDown() {
        eventfd_write(shutdownEvent, 1)
    }

    // MARK: - Accepting

    private func accept() -> Acceptance {
        open.add(1, ordering: .sequentiallyConsistent)
        var code = EAGAIN
        if !isDraining.load(ordering: .sequentiallyConsistent) {
            let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            if descriptor >= 0 { return .accepted(Connection(descriptor: descriptor)) }
            code = errno
        }
        open.subtract(1, ordering: .sequentiallyConsistent)
        return code == EAGAIN ? .none : .failed(code: code)
    }

    /// Accepts the connections that wait, up to `batchSize`: those with something to read are queued, the others
    /// parked. Returns how many there were.
    private func acceptBatch() -> Int {
        for count in 0..<batchSize {
            switch accept() {
            case .none: return count
            case .failed(let code):
                if Self.isShortage(code) { freeDescriptor() }
                if !Self.isPermanent(code) { rearmListener() }
                return count
            case .accepted(let connection):
                let input = connection.input
                if input == .nothing { parkSilent(connection) } else { enqueue(connection, input) }
            }
        }
        rearmListener()
        return batchSize
    }

    /// Lets the listening socket wake a thread if a connection waits.
    private func rearmListener() {
        _ = poll.rearm(listener, .listener, .edge)
    }

    private func parkSilent(_ connection: Connection) {
        park(connection, seconds: silenceSeconds, isKeptAlive: false)
    }

    private func park(_ connection: Connection, seconds: Int, isKeptAlive: Bool) {
        if idle.isFull, let oldest = idle.evictOldest() { close(oldest) }
        let deadline = MonotonicTime.now().adding(seconds: seconds)
        let entry = IdleConnections.Entry(connection: connection, deadline: deadline, isKeptAlive: isKeptAlive)
        if !idle.park(entry) { close(connection) }
    }

    /// Whether descriptors or memory for sockets have run out.
    private static func isShortage(_ code: Int32) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
    }

    /// Whether the socket does not listen any more. All other errors concern one connection, or pass (accept(2)); the
    /// connections behind it still wait.
    private static func isPermanent(_ code: Int32) -> Bool {
        [EBADF, EINVAL, ENOTSOCK].contains(code)
    }
}
