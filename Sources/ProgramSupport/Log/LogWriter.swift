import Glibc

/// Where log lines go: a descriptor, one `write` a line, so that lines of several threads never mix.
package struct LogWriter: Sendable {
    package let descriptor: Int32
    /// The file that `reopen` opens anew; nil for a descriptor that came from elsewhere.
    private let path: String?

    package init(descriptor: Int32) {
        self.descriptor = descriptor
        path = nil
    }

    package static let standardError = LogWriter(descriptor: STDERR_FILENO)

    /// Opens the file at `path` to append to it; standard error when `path` is nil.
    package init(appendingTo path: String?) throws(LogFile.Failure) {
        descriptor = if let path { try LogFile(path: path).open() } else { STDERR_FILENO }
        self.path = path
    }

    package func write(_ line: LogLine) {
        // A log that cannot be written leaves nowhere to say so; the request matters more.
        _ = line.bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Goes on in a new file at the same path, after the old one was moved away; what is being written ends in the old one.
    ///
    /// The descriptor keeps its number, and there is no moment without a file behind it: no line is lost. On an error
    /// everything stays as it was. Does nothing for a log without a path.
    package func reopen() throws(LogFile.Failure) {
        guard let path else { return }
        let fresh = try LogFile(path: path).open()
        defer { close(fresh) }
        guard dup2(fresh, descriptor) == descriptor else { throw LogFile.Failure(path: path, code: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
}
