import CFastCGI
import Glibc
import ProgramSupport
import System

/// Waits until something can be read from one of many descriptors. Safe to use from many threads.
final class EventPoll: Sendable {
    /// What an event is about; the generation tells a connection from an earlier one with the same descriptor.
    struct Tag: Hashable, Sendable {
        static let listener = Tag(value: .max)
        static let closing = Tag(value: .max - 1)
        static let rollCall = Tag(value: .max - 2)
        static let queue = Tag(value: .max - 3)

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

    /// How a descriptor is watched.
    enum Change {
        case add
        /// Once more, for one event.
        case rearm
    }

    private let descriptor: Int32

    init() throws(SystemCallError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemCallError(call: "epoll_create1") }
    }

    deinit {
        close(descriptor)
    }

    /// Blocks until there is an event.
    func wait() -> Tag {
        while true {
            var event = epoll_event()
            if epoll_wait(descriptor, &event, 1, -1) == 1 { return Tag(event) }
        }
    }

    /// Watches for input; returns whether that succeeded.
    ///
    /// - Parameter once: no second event comes until the descriptor is rearmed.
    func watch(_ watched: Int32, _ tag: Tag, once: Bool = true, _ change: Change = .add) -> Bool {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (once ? EPOLLONESHOT.rawValue : 0)
        event.data.u64 = tag.value
        return epoll_ctl(descriptor, change == .add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, watched, &event) == 0
    }

    func forget(_ watched: Int32) {
        epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil)
    }
}
