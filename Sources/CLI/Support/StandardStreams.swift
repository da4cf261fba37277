import Glibc

/// Standard output and error, written whole.
struct StandardStreams {
    static let output = StandardStreams(descriptor: 1)
    static let error = StandardStreams(descriptor: 2)

    private let descriptor: Int32

    /// Writes all of `text`; false when the other side is gone or full.
    @discardableResult
    func write(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Writes a command's result.
    ///
    /// - Throws: `cannotCreate` when not all of it can be written, so that a cut file is not taken for a whole one.
    static func writeResult(_ text: String) throws(CommandFailure) {
        guard output.write(text) else {
            throw CommandFailure(.cannotCreate, "cannot write the result: \(String(cString: strerror(errno)))")
        }
    }
}
