import Buffer
import Directory
import Handlers
import ProgramSupport

/// The answers that all threads of a server share, and the connection on which Redis tells of changes.
struct SharedResponseCache: Sendable {
    private let store: CachedResponseStore
    let tracker: ListTracker

    /// Nil when the settings say that no answers are kept. Does not connect.
    init?(_ configuration: Configuration, log: LogWriter) {
        guard configuration.logCacheBytes > 0 else { return nil }
        let store = CachedResponseStore(byteLimit: configuration.logCacheBytes)
        self.store = store
        let stores = configuration.stores
        let replyTimeout = min(ListTracker.replyTimeout, .milliseconds(stores.redisCommandMilliseconds))
        tracker = ListTracker(
            endpoint: stores.redis,
            connectTimeout: min(ListTracker.replyTimeout, .milliseconds(stores.redisConnectMilliseconds)),
            replyTimeout: replyTimeout, changed: { store.invalidate($0) },
            refused: { reason in
                log.write(
                    LogLine(
                        .warning, "answers are not kept: Redis does not tell of changes", [("reason", .text(reason))]))
            })
    }

    /// What one thread uses.
    ///
    /// - Parameter directory: the thread's.
    func cache(_ tracking: TimedTracking, directory: any DirectoryStore) -> ResponseCache {
        ResponseCache(store: store, tracking: tracking, directory: directory)
    }

    /// The present moment in the life of the tracker.
    var mark: InvalidationSequence { tracker.sequence }

    /// For the status page.
    var counts: @Sendable () -> ResponseCacheCounts {
        { [store, tracker] in store.counts(isTracking: tracker.isTracking) }
    }
}
