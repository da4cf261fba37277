import Glibc

/// Where log lines go: a descriptor, one `write` a line, so that lines of several threads never mix.
package struct LogWriter: Sendable {
    package let descriptor: Int32

    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    package static let standardError = LogWriter(descriptor: STDERR_FILENO)

    package func write(_ line: LogLine) {
        // A log that cannot be written leaves nowhere to say so; the request matters more.
        _ = line.bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
