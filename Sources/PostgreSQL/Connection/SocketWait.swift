import Glibc
import System

/// Waiting for a socket until a deadline.
enum SocketWait {
    /// False when the deadline has passed. Errors of the socket count as ready: the next call on it reports them.
    static func wait(for events: Int32, on descriptor: Int32, by deadline: MonotonicTime) -> Bool {
        while true {
            let milliseconds = deadline.remainingMilliseconds()
            guard milliseconds > 0 else { return false }
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = ThreadWait.announce { poll(&entry, 1, milliseconds) }
            if count > 0 || count < 0 && errno != EINTR { return true }
        }
    }
}
