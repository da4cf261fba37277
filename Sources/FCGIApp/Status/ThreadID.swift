import Glibc

/// The id that the operating system gives a thread: what `top -H` shows.
enum ThreadID {
    /// The calling thread's; 0 where `/proc` is not there. (glibc's `gettid` is out of reach of Swift.)
    static var current: Int64 {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self", &buffer, buffer.count)
        guard count > 0 else { return 0 }
        let path = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").last.flatMap { Int64($0) } ?? 0
    }
}
