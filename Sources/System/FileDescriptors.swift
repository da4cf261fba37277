import Glibc

/// File descriptors of the process.
package enum FileDescriptors {
    /// How many the process may have open (`RLIMIT_NOFILE`, the soft limit).
    package static var limit: Int {
        var limits = rlimit()
        // Fails for invalid arguments only.
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        return Int(clamping: limits.rlim_cur)
    }

    /// Writes all bytes to a blocking descriptor; false, with the reason in `errno`, when it cannot.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var remaining = bytes[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            remaining = remaining.dropFirst(count)
        }
        return true
    }
}
