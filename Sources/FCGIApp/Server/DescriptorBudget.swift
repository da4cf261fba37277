import System

/// How the process's file descriptors are divided between worker threads and idle connections.
struct DescriptorBudget {
    /// A connection, a pipe or a file in memory, Redis, and a directory file with its log and index; one spare.
    private static let perThread = 8
    /// Standard streams, sockets, epoll, the connections of the cache and the monitor, and connections that were
    /// accepted together.
    private static let base = 16 + ConnectionPoller.largestBatch
    private static let fewestIdle = 8
    private static let mostIdle = 1024

    /// The limit (`RLIMIT_NOFILE`).
    let limit: Int
    /// Threads that the settings ask for.
    let wantedThreads: Int
    /// Threads that may run; 0 = the limit is too low for any.
    let threadCount: Int
    /// The most idle connections.
    let idleConnections: Int

    /// Under the limit of this process.
    init(threadCount: Int) {
        self.init(threadCount: threadCount, descriptorLimit: FileDescriptors.limit)
    }

    init(threadCount wantedThreads: Int, descriptorLimit: Int) {
        limit = descriptorLimit
        self.wantedThreads = wantedThreads
        threadCount = min(wantedThreads, max(0, (descriptorLimit - Self.base - Self.fewestIdle) / Self.perThread))
        let available = max(0, descriptorLimit - Self.base - Self.perThread * threadCount)
        idleConnections = min(Self.mostIdle, max(Self.fewestIdle, available))
    }

    /// Why fewer threads run than the settings ask for; nil when that is not so.
    var warning: String? {
        guard threadCount > 0, threadCount < wantedThreads else { return nil }
        return "the limit of \(limit) file descriptors allows \(threadCount) threads and not \(wantedThreads); "
            + "raise it to \(sufficientLimit)"
    }

    /// Why the program cannot serve at all; nil when it can.
    var problem: String? {
        threadCount > 0
            ? nil : "the limit of \(limit) file descriptors is too low to serve; raise it to \(sufficientLimit)"
    }

    private var sufficientLimit: Int { Self.base + Self.fewestIdle + Self.perThread * wantedThreads }
}
