import Glibc

/// A file that cannot be read or written.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Completes "cannot … PATH": `read`, `write the PID file`.
    package let action: String
    package let path: String
    package let reason: String

    package init(_ action: String, _ path: String, reason: String) {
        self.action = action
        self.path = path
        self.reason = reason
    }

    /// - Parameter code: `errno`.
    package init(_ action: String, _ path: String, code: Int32 = errno) {
        self.init(action, path, reason: String(cString: strerror(code)))
    }

    package var description: String { "cannot \(action) \(path): \(reason)" }
}
