import Delivery
import Glibc
import ProgramSupport
import System
import WebhookRules

/// How the process's file descriptors are divided. Those that the worker needs to finish what it has begun come first:
/// Redis and the directory. Without them it would send webhooks that it cannot record. The rest limits how many
/// webhooks are in progress at a time.
struct DescriptorPlan: Hashable {
    /// A connection; or, while a name is looked up, libcurl's socket pair and the resolver's socket.
    static let perWebhook = 3
    /// A database file, its log and its index.
    private static let perDirectoryConnection = 3
    /// Standard streams, log file, pid file, pipes and sockets of a reload, the service manager's socket, and some that
    /// are open for a moment only.
    private static let base = 12
    /// Receiving, recording, housekeeping, two for automatic disabling, metrics, the monitor, and one at the start or
    /// the end.
    private static let redisConnections = 8
    /// Of the threads that receive, record and do the housekeeping, where circuit breakers have a Redis of their own.
    private static let breakerConnections = 3
    /// A connection to Redis, and those of a mail in progress.
    private static let mail = 4
    /// libcurl's sockets for waking a thread, and what it polls.
    private static let perSenderThread = 4
    /// For the threads of delivery and mail, and a few more: a lookup waits when all are in use.
    private static let usualDirectoryConnections = 8
    private static let fewestDirectoryConnections = 1
    /// The fewest webhooks for which the usual number of directory connections is kept.
    private static let comfortableConcurrency = 64

    /// The limit (`RLIMIT_NOFILE`).
    let limit: Int
    /// Webhooks that the settings allow at a time.
    let wantedConcurrency: Int
    /// Webhooks that may be in progress at a time; 0 = the limit is too low for any.
    let concurrency: Int
    /// Idle connections to receivers that a sender thread keeps.
    let keptConnections: Int
    /// Connections to the directory for reading.
    let directoryConnections: Int
    /// The limit at which nothing is cut.
    let sufficientLimit: Int

    /// - Parameter inherited: descriptors below the limit that the process was started with, beside the standard
    ///   streams.
    init(
        limit: Int, inherited: Int = 0, wantedConcurrency: Int, senderThreads: Int, sendsMail: Bool,
        hasBreakerRedis: Bool = false
    ) {
        let fixed =
            inherited + Self.base + Self.redisConnections + (sendsMail ? Self.mail : 0)
            + (hasBreakerRedis ? Self.breakerConnections : 0) + Self.perSenderThread * senderThreads
            // The one for writing.
            + Self.perDirectoryConnection
        let usual = fixed + Self.perDirectoryConnection * Self.usualDirectoryConnections
        let isComfortable =
            limit - usual >= Self.perWebhook * min(wantedConcurrency, Self.comfortableConcurrency)
        directoryConnections = isComfortable ? Self.usualDirectoryConnections : Self.fewestDirectoryConnections
        let available = max(0, limit - fixed - Self.perDirectoryConnection * directoryConnections)
        concurrency = min(wantedConcurrency, available / Self.perWebhook)
        let left = (available - Self.perWebhook * concurrency) / max(1, senderThreads)
        keptConnections = min(wantedConcurrency, max(1, left))
        sufficientLimit = usual + Self.perWebhook * wantedConcurrency
        self.limit = limit
        self.wantedConcurrency = wantedConcurrency
    }

    /// For this process.
    init(_ configuration: WorkerConfiguration) {
        let limit = FileDescriptors.limit
        self.init(
            limit: limit, inherited: Self.inheritedCount(below: limit),
            wantedConcurrency: configuration.sender.totalLimit, senderThreads: configuration.sender.threadCount,
            sendsMail: configuration.mail != nil,
            hasBreakerRedis: configuration.policies.breaker != nil && configuration.stores.breakerRedis != nil)
    }

    /// Open descriptors beside the standard streams, the log file and the folder that is read for this; 0 where that is
    /// not known.
    private static func inheritedCount(below limit: Int) -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = Int(name), number < limit { count += 1 }
        }
        return max(0, count - 5)
    }

    /// Why fewer webhooks are sent at a time than the settings allow; nil when that is not so.
    var warning: String? {
        guard concurrency > 0, concurrency < wantedConcurrency else { return nil }
        return "the limit of \(limit) file descriptors allows \(concurrency) webhooks at a time and not "
            + "\(wantedConcurrency); raise it to \(sufficientLimit)"
    }

    /// Why the worker cannot deliver at all; nil when it can.
    var problem: String? {
        concurrency > 0
            ? nil : "the limit of \(limit) file descriptors is too low to deliver; raise it to \(sufficientLimit)"
    }

    /// The settings within the limit.
    func applied(to sender: SenderSettings) -> SenderSettings {
        var sender = sender
        sender.totalLimit = concurrency
        sender.perAppLimit = min(sender.perAppLimit, concurrency)
        sender.keptConnections = keptConnections
        return sender
    }
}
