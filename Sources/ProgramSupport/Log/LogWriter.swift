import Glibc
package import System

/// Writes log lines to a descriptor, one `write` for each, so that lines of several threads are not mixed.
///
/// A pipe, terminal or socket whose reader does not keep up delays a line for `maximumWaitMilliseconds` at most
/// (`LogOutput`). Lines that do not get through are dropped, and the next one that does is preceded by a line with
/// their count.
package struct LogWriter: Sendable {
    /// The longest that a line waits for a full pipe, terminal or socket. While lines are being dropped, none waits.
    package static let maximumWaitMilliseconds = 100

    package static let standardError = LogWriter(descriptor: STDERR_FILENO)

    package let descriptor: Int32
    /// The file that `reopen` opens; nil for a descriptor that was opened elsewhere.
    private let path: String?
    private let output: LogOutput

    package init(descriptor: Int32) {
        self.descriptor = descriptor
        path = nil
        output = LogOutput(descriptor)
    }

    /// For tests.
    init(descriptor: Int32, output: LogOutput) {
        self.descriptor = descriptor
        path = nil
        self.output = output
    }

    /// Opens the file at `path` to append to it; standard error when `path` is nil.
    package init(appendingTo path: String?) throws(FileError) {
        descriptor = if let path { try LogFile(path: path).open() } else { STDERR_FILENO }
        self.path = path
        output = LogOutput(descriptor)
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
        output.updateTarget()
    }
}
