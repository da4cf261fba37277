import Glibc

/// How the process' file descriptors are shared out, so that silent connections leave enough for work.
struct DescriptorBudget {
    /// A connection and its duplicate, Redis, and a directory file with its log and index; two to spare.
    private static let perThread = 8
    /// Standard streams, sockets, epoll and the like.
    private static let base = 16
    private static let fewestSilent = 8
    private static let mostSilent = 1024
    private static let largestBatch = 16
    /// Linux' usual soft limit, where it cannot be asked for.
    private static let assumedLimit = 1024

    /// How many connections may be held that say nothing.
    let silentConnections: Int
    /// How many connections may be accepted at once.
    let batchSize: Int

    /// Under the limit of this process (`RLIMIT_NOFILE`).
    init(threadCount: Int) {
        var limits = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0
        self.init(
            threadCount: threadCount, descriptorLimit: isKnown ? Int(clamping: limits.rlim_cur) : Self.assumedLimit)
    }

    init(threadCount: Int, descriptorLimit: Int) {
        let rest = max(0, descriptorLimit - Self.base - Self.perThread * threadCount)
        batchSize = min(Self.largestBatch, max(1, rest / 4))
        silentConnections = min(Self.mostSilent, max(Self.fewestSilent, rest - batchSize))
    }
}
