import Glibc

/// Where log lines go: a descriptor, one `write` a line, so that lines of several threads never mix.
struct LogWriter: Sendable {
    let descriptor: Int32

    static let standardError = LogWriter(descriptor: STDERR_FILENO)

    func write(_ line: LogLine) {
        // A log that cannot be written leaves nowhere to say so; the request matters more.
        _ = line.bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
