import CFastCGI
import CSystem
import Glibc
import Model
import ProgramSupport
import Synchronization

/// Connections on which nothing has been said yet, and the listening socket: threads wait here for the next request.
///
/// A silent connection holds no thread, be it new or kept open between requests. Each one has a deadline.
final class WaitingRoom: Sendable {
    /// What a thread gets when its wait is over.
    enum Arrival {
        case request(Connection)
        case closing
    }

    /// What an epoll event is about; the generation tells a connection from an earlier one with the same descriptor.
    private struct Tag: Hashable, Sendable {
        static let listener = Tag(value: .max)
        static let closing = Tag(value: .max - 1)
        static let rollCall = Tag(value: .max - 2)

        var value: UInt64

        init(value: UInt64) {
            self.value = value
        }

        init(descriptor: Int32, generation: UInt32) {
            value = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        }
    }

    private struct Guest: Sendable {
        var connection: Connection
        var end: MonotonicTime
        var isKept: Bool
    }

    private struct State: Sendable {
        var guests: [Tag: Guest] = [:]
        var generation: UInt32 = 0
    }

    /// Longer than the 60 seconds of nginx' `keepalive_timeout`, so that nginx is the one who closes.
    static let keepAliveSeconds = 75

    private let listener: Int32
    private let epoll: Int32
    private let bell: Int32
    /// Threads that wait here answer it.
    let rollCall: RollCall
    private let silenceSeconds: Int
    private let maximumGuests: Int
    private let state = Lock(State())
    /// Accepted and not yet closed, those in a thread's hands included. Raised before `isDraining` is asked and before a
    /// connection is accepted: once draining has begun, zero means that none is left and none will come.
    private let open = Atomic(0)
    private let isDraining = Atomic(false)

    /// - Parameters:
    ///   - listener: becomes non-blocking, in other processes that share it, too.
    ///   - silenceSeconds: how long a new connection may say nothing.
    ///   - maximumGuests: more silent connections are not held: the one nearest to its deadline goes.
    init(listener: Int32, silenceSeconds: Int, maximumGuests: Int) throws(SystemCallError) {
        self.listener = listener
        self.maximumGuests = maximumGuests
        self.silenceSeconds = silenceSeconds
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SystemCallError(call: "epoll_create1") }
        bell = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard bell >= 0 else { throw SystemCallError(call: "eventfd") }
        rollCall = try RollCall()
        guard fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK) == 0 else {
            throw SystemCallError(call: "fcntl")
        }
        guard watch(bell, .closing, once: false), watch(listener, .listener, once: true),
            watch(rollCall.bell, .rollCall, once: true)
        else {
            throw SystemCallError(call: "epoll_ctl")
        }
    }

    deinit {
        for guest in state.withLock({ $0.guests.values.map(\.connection) }) { guest.close() }
        Glibc.close(bell)
        Glibc.close(epoll)
    }

    /// Waits for a connection with something to read, or for the end.
    func next() -> Arrival {
        while true {
            var event = epoll_event()
            guard epoll_wait(epoll, &event, 1, -1) == 1 else { continue }
            switch Tag(value: event.data.u64) {
            case .closing: return .closing
            case .rollCall:
                rollCall.answer()
                _ = watch(rollCall.bell, .rollCall, once: true, operation: EPOLL_CTL_MOD)
            case .listener: if let connection = acceptAndRearm() { return .request(connection) }
            case let tag: if let connection = claim(tag) { return .request(connection) }
            }
        }
    }

    /// Takes back a connection after its answer, to wait for its next request.
    func keep(_ connection: Connection) {
        let end = MonotonicTime.now().adding(seconds: Self.keepAliveSeconds)
        seat(Guest(connection: connection, end: end, isKept: true))
    }

    func close(_ connection: Connection) {
        connection.close()
        open.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Connections accepted and not yet closed.
    var openCount: Int { open.load(ordering: .sequentiallyConsistent) }

    /// Closes the connections whose time is over and that have said nothing. One that has is only waiting for a thread.
    func enforceDeadlines(at now: MonotonicTime) {
        dismiss { $0.end <= now && !$0.connection.isReadable }
    }

    /// No thread accepts any more, no connection is kept, idle ones are closed. Requests already begun go on.
    func drain() {
        epoll_ctl(epoll, EPOLL_CTL_DEL, listener, nil)
        state.withLock { _ in isDraining.store(true, ordering: .sequentiallyConsistent) }
        dismiss { $0.isKept && !$0.connection.isReadable }
    }

    /// Takes in what is left in the listening socket's queue.
    func acceptRemaining() {
        while true {
            open.add(1, ordering: .sequentiallyConsistent)
            guard let connection = accept() else { break }
            seat(Guest(connection: connection, end: silenceEnd, isKept: false))
        }
        open.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Sends every thread home, now and for ever.
    func ringForClosing() {
        eventfd_write(bell, 1)
    }

    // MARK: -

    private var silenceEnd: MonotonicTime { MonotonicTime.now().adding(seconds: silenceSeconds) }

    private func acceptAndRearm() -> Connection? {
        open.add(1, ordering: .sequentiallyConsistent)
        guard !isDraining.load(ordering: .sequentiallyConsistent), let connection = accept() else {
            open.subtract(1, ordering: .sequentiallyConsistent)
            rearm()
            return nil
        }
        rearm()
        if connection.isReadable { return connection }
        seat(Guest(connection: connection, end: silenceEnd, isKept: false))
        return nil
    }

    /// Has no effect once draining has taken the listening socket away.
    private func rearm() {
        _ = watch(listener, .listener, once: true, operation: EPOLL_CTL_MOD)
    }

    private func accept() -> Connection? {
        let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        if descriptor >= 0 { return Connection(descriptor: descriptor) }
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { makeRoom() }
        return nil
    }

    /// Out of descriptors: gives up a silent connection, or waits a little for one to be closed.
    func makeRoom() {
        if !dismissOldest() { poll(nil, 0, 10) }
    }

    private func claim(_ tag: Tag) -> Connection? {
        state.withLock { state in
            state.guests.removeValue(forKey: tag)?.connection
        }
    }

    private func seat(_ newcomer: Guest) {
        var guest = newcomer
        guest.connection.isWatched = true
        let operation = newcomer.connection.isWatched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD
        let isFull = state.withLock { $0.guests.count >= maximumGuests }
        if isFull { _ = dismissOldest() }
        let isSeated = state.withLock { state in
            guard !(guest.isKept && isDraining.load(ordering: .sequentiallyConsistent)) else { return false }
            state.generation &+= 1
            let tag = Tag(descriptor: guest.connection.descriptor, generation: state.generation & 0x7FFF_FFFF)
            state.guests[tag] = guest
            guard watch(guest.connection.descriptor, tag, once: true, operation: operation) else {
                state.guests[tag] = nil
                return false
            }
            return true
        }
        if !isSeated { close(guest.connection) }
    }

    private func dismissOldest() -> Bool {
        guard let oldest = state.withLock({ $0.guests.values.map(\.end).min() }) else { return false }
        dismiss { $0.end <= oldest }
        return true
    }

    private func dismiss(where isLeaving: (Guest) -> Bool) {
        state.withLock { state in
            for (tag, guest) in state.guests where isLeaving(guest) {
                state.guests[tag] = nil
                close(guest.connection)
            }
        }
    }

    private func watch(_ descriptor: Int32, _ tag: Tag, once: Bool, operation: Int32 = EPOLL_CTL_ADD) -> Bool {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (once ? EPOLLONESHOT.rawValue : 0)
        event.data.u64 = tag.value
        return epoll_ctl(epoll, operation, descriptor, &event) == 0
    }
}
