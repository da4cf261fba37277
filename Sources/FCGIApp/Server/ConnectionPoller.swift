import Buffer
import CFastCGI
import Glibc
import Model
import ProgramSupport
import Synchronization
import System

/// Connections on which nothing has been said yet, and the listening socket: threads wait here for the next request, as
/// `WorkerThread` says.
///
/// A silent connection holds no thread, be it new or kept open between requests. Each one has a deadline.
final class ConnectionPoller: Sendable {
    /// What a thread gets when its wait is over.
    enum Arrival {
        case request(ReadyConnection)
        case closing
    }

    /// What `wait` has waited for.
    enum Event {
        case connection(ReadyConnection)
        /// Somebody wants to connect: the thread is the leader from here on, with this number.
        case listener(term: Int)
        case closing
    }

    struct IdleConnection: Sendable {
        var connection: Connection
        var end: MonotonicTime
        var isKept: Bool
    }

    struct State: Sendable {
        var guests: [EventPoll.Tag: IdleConnection] = [:]
        var generation: UInt32 = 0
    }

    /// Longer than the 60 seconds of nginx' `keepalive_timeout`, so that nginx is the one who closes.
    static let keepAliveSeconds = 75
    /// So many times in a row, before it looks for what else waits in the room.
    static let longestStreak = 16

    let poll: EventPoll
    let state = Lock(State())
    let maximumGuests: Int
    let listener: Int32
    /// So many connections are accepted at once by a thread that answers quickly.
    let batchSize: Int
    private let bell: Int32
    /// Always readable: armed, it wakes one thread for what is queued.
    private let queueBell: Int32
    /// Threads that wait here answer it.
    let rollCall: LivenessProbe
    private let silenceSeconds: Int
    let mark: @Sendable () -> InvalidationSequence?
    let queue = AcceptQueue()
    let leadership = LeaderToken()
    /// Accepted and not yet closed, those in a thread's hands included. Raised before `isDraining` is asked and before a
    /// connection is accepted: once draining has begun, zero means that none is left and none will come.
    let open = Atomic(0)
    let isDraining = Atomic(false)

    /// - Parameters:
    ///   - listener: becomes non-blocking, in other processes that share it, too.
    ///   - silenceSeconds: how long a new connection may say nothing.
    ///   - maximumGuests: more silent connections are not held: the one nearest to its deadline goes.
    ///   - batchSize: so many connections may wait for one thread.
    ///   - mark: the present moment in the life of what keeps answers exact, if there is such a thing.
    init(
        listener: Int32, silenceSeconds: Int, maximumGuests: Int, batchSize: Int,
        mark: @escaping @Sendable () -> InvalidationSequence?
    ) throws(SystemCallError) {
        self.listener = listener
        self.maximumGuests = maximumGuests
        self.batchSize = batchSize
        self.silenceSeconds = silenceSeconds
        self.mark = mark
        poll = try EventPoll()
        bell = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        queueBell = eventfd(1, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard bell >= 0, queueBell >= 0 else { throw SystemCallError(call: "eventfd") }
        rollCall = try LivenessProbe()
        guard fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK) == 0 else {
            throw SystemCallError(call: "fcntl")
        }
        guard poll.watch(bell, .closing, once: false), poll.watch(listener, .listener),
            poll.watch(rollCall.bell, .rollCall), poll.watch(queueBell, .queue)
        else {
            throw SystemCallError(call: "epoll_ctl")
        }
    }

    deinit {
        for guest in state.withLock({ $0.guests.values.map(\.connection) }) { guest.close() }
        while let visit = queue.takeFirst() { visit.connection.close() }
        Glibc.close(bell)
        Glibc.close(queueBell)
    }

    // MARK: - For the threads

    /// An accepted connection with something to read.
    func takeQueued() -> ReadyConnection? { queue.takeFirst() }

    /// Wakes threads for what is queued, one after the other.
    func shareQueue() {
        if queue.count > 0 { _ = poll.watch(queueBell, .queue, .rearm) }
    }

    /// Blocks until there is something for the calling thread.
    func wait() -> Event {
        while true {
            switch poll.wait() {
            case .closing: return .closing
            case .listener: return .listener(term: leadership.begin())
            case .queue:
                guard let visit = queue.takeFirst() else { continue }
                shareQueue()
                return .connection(visit)
            case .rollCall:
                rollCall.answer()
                _ = poll.watch(rollCall.bell, .rollCall, .rearm)
            case let tag:
                guard let connection = claim(tag) else { continue }
                return .connection(ReadyConnection(connection: connection, mark: mark()))
            }
        }
    }

    /// Lets another thread accept, unless that has happened already.
    func endLeadership(_ term: Int) {
        // Has no effect once draining has taken the listening socket away.
        if leadership.end(term) { _ = poll.watch(listener, .listener, .rearm) }
    }

    /// Takes back a connection after its answer, to wait for its next request.
    func keep(_ connection: Connection) {
        let end = MonotonicTime.now().adding(seconds: Self.keepAliveSeconds)
        seat(IdleConnection(connection: connection, end: end, isKept: true))
    }

    func close(_ connection: Connection) {
        connection.close()
        open.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Out of descriptors: gives up a silent connection, or waits a little for one to be closed.
    func makeRoom() {
        if !dismissOldest() { Glibc.poll(nil, 0, 10) }
    }

    // MARK: - For the server

    /// Connections accepted and not yet closed.
    var openCount: Int { open.load(ordering: .sequentiallyConsistent) }

    /// Closes the connections whose time is over and that have said nothing. One that has is only waiting for a thread.
    func enforceDeadlines(at now: MonotonicTime) {
        relieve()
        dismiss { $0.end <= now && !$0.connection.isReadable }
    }

    /// No thread accepts any more, no connection is kept, idle ones are closed. Requests already begun go on.
    func drain() {
        poll.forget(listener)
        state.withLock { _ in isDraining.store(true, ordering: .sequentiallyConsistent) }
        dismiss { $0.isKept && !$0.connection.isReadable }
    }

    /// Sends every thread home, now and for ever.
    func ringForClosing() {
        eventfd_write(bell, 1)
    }

    // MARK: -

    var silenceEnd: MonotonicTime { MonotonicTime.now().adding(seconds: silenceSeconds) }

    /// Where a thread was held up without a word, others need not wait for it any longer: for a leader that has done
    /// nothing since the last look, or for what was queued then and nobody has taken from.
    private func relieve() {
        if let term = leadership.stalledTerm() { endLeadership(term) }
        if queue.isStalled() { shareQueue() }
    }
}
