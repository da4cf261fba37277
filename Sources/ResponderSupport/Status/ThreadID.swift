import Glibc

/// The operating system's id of a thread, as `top -H` shows it.
enum ThreadID {
    /// The calling thread's id; 0 where `/proc` is not mounted. (Swift's import of glibc has no `gettid`.)
    static var current: Int64 {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self", &buffer, buffer.count)
        guard count > 0 else { return 0 }
        let path = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").last.flatMap { Int64($0) } ?? 0
    }
}
