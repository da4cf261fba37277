import Glibc

/// How the process' file descriptors are shared out, so that silent connections leave enough for work.
enum DescriptorBudget {
    /// A connection and its duplicate, Redis, and a directory file with its log and index; two to spare.
    private static let perThread = 8
    /// Standard streams, sockets, epoll and the like.
    private static let base = 16
    private static let fewest = 8
    private static let most = 1024
    /// Linux' usual soft limit, where it cannot be asked for.
    private static let assumedLimit = 1024

    /// How many connections may be held that say nothing, under the limit of this process (`RLIMIT_NOFILE`).
    static func silentConnections(threadCount: Int) -> Int {
        var limits = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0
        return silentConnections(
            threadCount: threadCount, descriptorLimit: isKnown ? Int(clamping: limits.rlim_cur) : assumedLimit)
    }

    static func silentConnections(threadCount: Int, descriptorLimit: Int) -> Int {
        min(most, max(fewest, descriptorLimit - base - perThread * threadCount))
    }
}
