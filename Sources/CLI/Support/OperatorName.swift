import Glibc

/// Who runs the command, for the audit log.
enum OperatorName {
    /// The name of the system's user; `hookline` if it has none.
    ///
    /// Asked of the system by the process' real user id: variables such as `SUDO_USER` are what anybody claims.
    static func current() -> String {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        // The entry's texts lie in the buffer.
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, getpwuid_r(getuid(), &entry, start, buffer.count, &result) == 0,
                result != nil, let name = entry.pw_name
            else { return fallback }
            return String(cString: name)
        }
    }

    private static let fallback = "hookline"
}
