import Glibc
import Synchronization
package import System

/// Writes log lines to a descriptor, one `write` for each, so that lines of several threads are not mixed.
///
/// A pipe or socket whose reader does not keep up delays a line for `maximumWaitMilliseconds` at most. Lines that do
/// not get through are dropped, and the next one that does is preceded by a line with their count. The descriptor stays
/// blocking, because other processes may share it.
package struct LogWriter: Sendable {
    /// The longest that a line waits for a full pipe or socket. While lines are being dropped, none waits.
    package static let maximumWaitMilliseconds = 100

    package static let standardError = LogWriter(descriptor: STDERR_FILENO)

    package let descriptor: Int32
    /// The file that `reopen` opens; nil for a descriptor that was opened elsewhere.
    private let path: String?
    private let output: Output

    package init(descriptor: Int32) {
        self.descriptor = descriptor
        path = nil
        output = Output(descriptor)
    }

    /// Opens the file at `path` to append to it; standard error when `path` is nil.
    package init(appendingTo path: String?) throws(FileError) {
        descriptor = if let path { try LogFile(path: path).open() } else { STDERR_FILENO }
        self.path = path
        output = Output(descriptor)
    }

    package func write(_ line: LogLine) {
        output.write(line.bytes)
    }

    /// Continues in a new file at the same path, after the old one was moved away; lines in progress end in the old
    /// one.
    ///
    /// The descriptor keeps its number and always has a file, so no line is lost. On an error everything stays as it
    /// was. Does nothing for a log without a path.
    package func reopen() throws(FileError) {
        guard let path else { return }
        let opened = try LogFile(path: path).open()
        defer { close(opened) }
        guard dup2(opened, descriptor) == descriptor else { throw FileError(LogFile.action, path) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        output.updateKind()
    }
}

/// The state behind the copies of a `LogWriter`.
private final class Output: Sendable {
    private struct Backlog {
        var droppedLines = 0
        /// Whether the last line was written in part: the next one must begin on a new line.
        var isInsideLine = false
    }

    private let descriptor: Int32
    /// Whether a `write` may block because of a slow reader: of pipes and sockets.
    private let mayBlock: Atomic<Bool>
    private let hasDroppedLines = Atomic(false)
    /// Locked while a line waits, so that no other thread takes the space that `poll` reported.
    private let backlog = Lock(Backlog())

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        mayBlock = Atomic(Self.mayBlock(descriptor))
    }

    private static func mayBlock(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
    }

    /// To be called when another file has the descriptor's number.
    func updateKind() {
        mayBlock.store(Self.mayBlock(descriptor), ordering: .relaxed)
    }

    func write(_ bytes: [UInt8]) {
        var written = 0
        if !mayBlock.load(ordering: .relaxed), !hasDroppedLines.load(ordering: .relaxed) {
            written = max(0, bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) })
            if written == bytes.count { return }
        }
        finish(bytes, from: written)
    }

    private func finish(_ bytes: [UInt8], from start: Int) {
        backlog.withLock { backlog in
            let wait = backlog.droppedLines == 0 ? LogWriter.maximumWaitMilliseconds : 0
            let deadline = MonotonicTime.now().adding(.milliseconds(wait))
            if start == 0, backlog.droppedLines > 0, sendNotice(until: deadline, &backlog) { backlog.droppedLines = 0 }
            let isBlocked = start == 0 && backlog.droppedLines > 0
            if isBlocked || !send(bytes, from: start, until: deadline, &backlog) { backlog.droppedLines += 1 }
            hasDroppedLines.store(backlog.droppedLines > 0, ordering: .relaxed)
        }
    }

    private func sendNotice(until deadline: MonotonicTime, _ backlog: inout Backlog) -> Bool {
        let notice = LogLine(.warning, "log lines dropped", [("count", .number(Int64(backlog.droppedLines)))])
        let separator = backlog.isInsideLine ? [UInt8(ascii: "\n")] : []
        return send(separator + notice.bytes, from: 0, until: deadline, &backlog)
    }

    /// Writes all bytes from `start` on; false when that fails or takes too long.
    private func send(_ bytes: [UInt8], from start: Int, until deadline: MonotonicTime, _ backlog: inout Backlog)
        -> Bool
    {
        var position = start
        var mustWait = mayBlock.load(ordering: .relaxed)
        while position < bytes.count {
            if mustWait, !waitUntilWritable(deadline) { break }
            // What fits into a pipe that `poll` calls writable: more could block.
            let limit = mustWait ? Int(PIPE_BUF) : .max
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + position }, min(buffer.count - position, limit))
            }
            if count > 0 {
                position += count
            } else if errno == EAGAIN {
                // Another process has made the shared descriptor non-blocking.
                mustWait = true
            } else if errno != EINTR {
                break
            }
        }
        if position > 0 { backlog.isInsideLine = position < bytes.count }
        return position == bytes.count
    }

    /// False when the deadline is over, or nothing reads any more.
    private func waitUntilWritable(_ deadline: MonotonicTime) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let count = poll(&entry, 1, deadline.remainingMilliseconds())
            if count < 0, errno == EINTR { continue }
            return count == 1 && entry.revents == Int16(POLLOUT)
        }
    }
}
