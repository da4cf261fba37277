import CFastCGI
import Glibc
import ProgramSupport
import System

/// Waits until one of many descriptors is readable (epoll). Safe to use from many threads.
final class EventPoll: Sendable {
    /// Identifies what an event is about. The generation distinguishes a connection from an earlier one with the same
    /// descriptor.
    struct Tag: Hashable, Sendable {
        static let listener = Tag(value: .max)
        static let shutdown = Tag(value: .max - 1)
        static let probe = Tag(value: .max - 2)
        static let wake = Tag(value: .max - 3)

        fileprivate var value: UInt64

        private init(value: UInt64) {
            self.value = value
        }

        fileprivate init(_ event: epoll_event) {
            value = event.data.u64
        }

        init(descriptor: Int32, generation: UInt32) {
            value = UInt64(generation & 0x7FFF_FFFF) << 32 | UInt64(UInt32(bitPattern: descriptor))
        }
    }

    /// How often a readable descriptor is reported, and to how many threads.
    enum Trigger {
        /// To every thread that waits, as long as the descriptor is readable.
        case level
        /// To one thread, each time something arrives.
        case edge
        /// To one thread, once; then the descriptor has to be armed again.
        case once
        /// The same without waiting for input: a connection is nearly always writable.
        case now

        fileprivate var flags: UInt32 {
            switch self {
            case .level: 0
            case .edge: EPOLLET.rawValue
            case .once: EPOLLONESHOT.rawValue
            case .now: EPOLLONESHOT.rawValue | EPOLLOUT.rawValue
            }
        }
    }

    /// The epoll instance; internal for tests.
    let descriptor: Int32

    init() throws(SystemCallError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemCallError(call: "epoll_create1") }
    }

    deinit {
        close(descriptor)
    }

    /// Blocks until there are events, and passes up to `limit` of them to `body`. An interruption by a signal is no
    /// error.
    func wait(atMost limit: Int, _ body: (Tag) -> Void) throws(SystemCallError) {
        let failure = withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: limit) {
            events -> SystemCallError? in
            while true {
                let count = Int(epoll_wait(descriptor, events.baseAddress, Int32(limit), -1))
                if count < 0, errno != EINTR { return SystemCallError(call: "epoll_wait") }
                for event in events.prefix(max(0, count)) { body(Tag(event)) }
                if count > 0 { return nil }
            }
        }
        if let failure { throw failure }
    }

    /// Starts to watch a descriptor for input. False when the system refuses.
    func add(_ watched: Int32, _ tag: Tag, _ trigger: Trigger) -> Bool {
        control(EPOLL_CTL_ADD, watched, tag, trigger)
    }

    /// Arms a watched descriptor again: it is reported once more if it is readable now. False when the system refuses.
    func rearm(_ watched: Int32, _ tag: Tag, _ trigger: Trigger) -> Bool {
        control(EPOLL_CTL_MOD, watched, tag, trigger)
    }

    func remove(_ watched: Int32) {
        epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil)
    }

    private func control(_ operation: Int32, _ watched: Int32, _ tag: Tag, _ trigger: Trigger) -> Bool {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | trigger.flags
        event.data.u64 = tag.value
        return epoll_ctl(descriptor, operation, watched, &event) == 0
    }
}
