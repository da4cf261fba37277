import Glibc

/// Ends the pause of a thread that otherwise works every few seconds.
final class StopBell: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() throws(SenderError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw .system(call: "pipe", code: errno, reason: String(cString: strerror(errno)))
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Rings for ever: the byte is never read. Called once.
    func ring() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits until it rings or the time has passed; whether it rang.
    func wait(_ duration: Duration) -> Bool {
        let end = MonotonicInstant.now().adding(duration)
        while true {
            var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, Int32(clamping: end.millisecondsFromNow)) > 0 { return true }
            if end <= .now() { return false }
        }
    }
}
