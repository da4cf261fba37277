import CFastCGI
import CSystem
import Glibc
import ProgramSupport
import ResponderSupport
import Synchronization
import System

/// The listening socket and the idle connections: where worker threads wait for the next request.
///
/// A request that has not arrived as a whole is received here, whichever thread sees the event, and holds no thread
/// meanwhile (`Reception`).
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
    /// The longest body that is left in the socket until a thread reads it. It does not wait for memory, but counts.
    static let directBodyBytes = 4096
    /// How long a peer that has its response may send nothing before its connection is closed, in milliseconds.
    private static let quietMilliseconds = 200

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
    private let inputSeconds: Int
    private let memory: BodyMemory
    /// The most bytes of the records with the parameters, where a request is received in parts.
    private let headLimit: Int
    /// `largestBatch`, less in tests. Where this many connections are ready, another thread is needed.
    private let batchSize: Int
    private let ready: ReadyConnections
    /// Accepted and not yet closed. Raised before `isDraining` is read and before a connection is accepted: once
    /// draining has begun, zero means that none is left and none will come.
    private let open = Atomic(0)
    private let isDraining = Atomic(false)

    /// - Parameters:
    ///   - listener: becomes non-blocking, in other processes that share it, too.
    ///   - inputSeconds: how long a new connection may stay silent, and how long a request may take to arrive.
    ///   - memory: for what is received.
    ///   - parameterBytes: the limit of a request's parameters. They take more in their records.
    ///   - idleLimit: the most idle connections; beyond it the one nearest to its deadline is closed.
    init(
        listener: Int32, inputSeconds: Int, idleLimit: Int, memory: BodyMemory, parameterBytes: Int,
        batchSize: Int = largestBatch, poll: EventPoll? = nil
    ) throws(SystemCallError) {
        self.listener = listener
        self.inputSeconds = inputSeconds
        self.memory = memory
        headLimit = 2 * parameterBytes + (64 << 10)
        self.batchSize = batchSize
        let poll = if let poll { poll } else { try EventPoll() }
        self.poll = poll
        idle = IdleConnections(limit: idleLimit, poll: poll)
        shutdownEvent = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard shutdownEvent >= 0 else { throw SystemCallError(call: "eventfd") }
        probe = try LivenessProbe()
        ready = try ReadyConnections()
        guard fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK) == 0 else {
            throw SystemCallError(call: "fcntl")
        }
        guard poll.add(shutdownEvent, .shutdown, .level), poll.add(listener, .listener, .edge),
            poll.add(probe.descriptor, .probe, .once), poll.add(ready.wakeEvent, .wake, .edge)
        else {
            throw SystemCallError(call: "epoll_ctl")
        }
    }

    deinit {
        for entry in idle.evict(where: { _ in true }) { entry.connection.close() }
        while let ready = ready.take() { ready.connection.close() }
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
            if let ready = ready.take() { return ready }
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
        guard ready.beginWait() else { return true }
        var isWaiting = true
        defer { endWait(&isWaiting) }
        var isShutDown = false
        var count = 0
        try poll.wait(atMost: batchSize) { tag in
            endWait(&isWaiting)
            switch tag {
            case .shutdown: isShutDown = true
            case .wake: break
            case .probe:
                probe.respond()
                _ = poll.rearm(probe.descriptor, .probe, .once)
            case .listener: count += acceptBatch()
            default:
                guard let entry = idle.claim(tag) else { return }
                goOn(entry)
                count += 1
            }
        }
        if count >= batchSize { member.callAnother() }
        return !isShutDown
    }

    private func endWait(_ isWaiting: inout Bool) {
        if isWaiting { ready.endWait() }
        isWaiting = false
    }

    /// Wakes a thread that waits for events if connections are ready that the caller will not take.
    func wakeWaiter() { ready.wakeWaiter() }

    private func enqueue(
        _ connection: Connection, _ request: RecordScanner.WholeRequest, _ reception: Reception? = nil
    ) {
        ready.append(
            ReadyConnection(connection: connection, arrival: .now(), request: request, reception: reception))
    }

    /// Takes back a connection after its response, to wait for its next request.
    func park(_ connection: Connection) {
        park(connection, .keptAlive, until: .now().adding(seconds: Self.keepAliveSeconds))
    }

    /// Takes back a connection after its response, which the peer may not have read yet, while it still sends. Closing
    /// it with unread bytes would reset a TCP connection and could destroy the response in transit.
    func linger(_ connection: Connection) {
        guard shutdown(connection.descriptor, Int32(SHUT_WR)) == 0 else { return close(connection) }
        linger(connection, end: .now().adding(seconds: inputSeconds))
    }

    /// Takes back a connection whose request is still to be received.
    func park(_ connection: Connection, _ reception: Reception) {
        guard reception.progress == .needsMemory else {
            return park(connection, .receiving(reception), until: reception.deadline)
        }
        reception.beginWait()
        park(connection, .waiting(reception), until: reception.deadline)
        // What was free only for a moment was not seen by others.
        grantMemory()
    }

    /// Lets requests go on that wait for memory, as far as there is some. To be called when some was released.
    func grantMemory() {
        guard memory.isAwaited else { return }
        for connection in idle.resumeWaiting(while: { $1.reserveBody() }) { close(connection) }
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

    /// Closes the parked connections whose deadline has passed, but not those that have something to read and wait for
    /// a thread. Requests that have waited for memory until then are refused.
    ///
    /// - Returns: how many requests were not complete in time.
    @discardableResult
    func enforceDeadlines(at now: MonotonicTime) -> Int {
        var timeouts = 0
        for entry in idle.evictOver(at: now) {
            if case .receiving = entry.purpose { timeouts += 1 }
            close(entry.connection)
        }
        guard memory.isAwaited else { return timeouts }
        let end = now.adding(seconds: inputSeconds)
        let lost = idle.resumeWaiting { entry, reception in
            guard entry.deadline <= now else { return false }
            reception.refuse(until: end)
            return true
        }
        for connection in lost { close(connection) }
        grantMemory()
        return timeouts
    }

    /// Accepts and keeps no more connections, and closes idle ones. Requests in progress go on.
    func drain() {
        poll.remove(listener)
        isDraining.store(true, ordering: .sequentiallyConsistent)
        for entry in idle.drain() { close(entry.connection) }
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
                if !take(connection) { parkSilent(connection) }
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
        park(connection, .silent, until: .now().adding(seconds: inputSeconds))
    }

    private func park(_ connection: Connection, _ purpose: IdleConnections.Purpose, until deadline: MonotonicTime) {
        if idle.isFull, let oldest = idle.evictOldest() { close(oldest) }
        let entry = IdleConnections.Entry(connection: connection, deadline: deadline, purpose: purpose)
        if !idle.park(entry) { close(connection) }
    }

    // MARK: - Receiving

    /// Handles the event of a parked connection.
    private func goOn(_ entry: IdleConnections.Entry) {
        let connection = entry.connection
        switch entry.purpose {
        case .silent, .keptAlive:
            if !take(connection) { park(connection, entry.purpose, until: entry.deadline) }
        case .receiving(let reception), .waiting(let reception): receive(connection, reception)
        case .lingering(let end):
            if connection.discardInput() { linger(connection, end: end) } else { close(connection) }
        }
    }

    /// Takes what has arrived of a new request; false when there is nothing.
    private func take(_ connection: Connection) -> Bool {
        switch connection.input {
        case .nothing: return false
        case .ended: close(connection)
        case .whole(let request) where request.bodyBytes <= Self.directBodyBytes: enqueue(connection, request)
        case .part, .whole:
            let now = MonotonicTime.now()
            receive(
                connection,
                Reception(
                    memory: memory, headLimit: headLimit, arrival: now, deadline: now.adding(seconds: inputSeconds)))
        }
        return true
    }

    /// Receives what has arrived, until there is something for a thread to do.
    private func receive(_ connection: Connection, _ reception: Reception) {
        reception.advance(connection)
        if reception.progress != .done {
            park(connection, reception)
        } else if reception.state == .failed {
            close(connection)
        } else {
            enqueue(connection, RecordScanner.WholeRequest(bodyBytes: 0, byteCount: 0), reception)
        }
    }

    private func linger(_ connection: Connection, end: MonotonicTime) {
        let quiet = MonotonicTime.now().adding(.milliseconds(Self.quietMilliseconds))
        park(connection, .lingering(end: end), until: min(quiet, end))
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
