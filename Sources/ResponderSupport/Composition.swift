import Buffer
package import Directory
import Handlers
import Model
package import ProgramSupport
import Queue
package import Redis
import WebhookRules

/// The composition root: one directory for all threads, one Redis connection and one service for each thread.
package struct Composition: Sendable {
    /// Threads seldom query the directory at the same moment: most lookups are cache hits. A query takes some tens of
    /// microseconds, a connection a hundred kilobytes and more.
    private static let maximumDirectoryConnections = 4

    /// Entries of each kind in a thread's directory cache.
    private static let directoryCacheEntries = 256

    /// Bytes of reply buffer that a thread's connection retains. Logs, the large replies, are read into pooled buffers.
    private static let retainedReplyBytes = 64 << 10

    private let configuration: Configuration
    private let directory: any DirectoryDatabase
    private let startedAt = Timestamp.now()
    private let responseCache: SharedResponseCache?
    private let changes: DirectoryChanges
    private let management: DirectoryManagement
    /// The buffers that threads read logs into.
    private let readBuffers: ReadBufferPool
    private let redisState: RedisServerState?

    /// - Parameters:
    ///   - responseCache: shared by the threads; nil = no response is cached.
    ///   - redisState: shared by the threads; nil in a process without a monitor.
    package init(
        _ configuration: Configuration, responseCache: SharedResponseCache? = nil, redisState: RedisServerState? = nil
    ) throws(DirectoryError) {
        self.configuration = configuration
        self.redisState = redisState
        self.responseCache = responseCache
        readBuffers = ReadBufferPool()
        let stores = configuration.stores
        directory = try stores.openDirectory(
            limits: DirectoryLimits(
                connectionCount: Self.directoryConnections(threadCount: configuration.threadCount)))
        changes = DirectoryChanges()
        management = DirectoryManagement(
            directory, at: stores.directory, opener: stores.opener, secretKeys: stores.secretKeys, changes: changes)
    }

    /// How many threads may query the directory at the same time: not all, so that a database that does not respond
    /// leaves one for requests that need none.
    static func directoryConnections(threadCount: Int) -> Int {
        min(max(1, threadCount - 1), maximumDirectoryConnections)
    }

    /// Makes the responder of one thread. Does not connect: Redis may be down when the program starts.
    ///
    /// - Parameters:
    ///   - board: this process's part of the status page.
    ///   - servesStatusPage: whether `/-/status` is served.
    package func makeResponder(board: StatusBoard, servesStatusPage: Bool = true) -> Responder {
        let connection = configuration.stores.makeConnection(
            retainedBytes: Self.retainedReplyBytes, state: redisState)
        // A cache for each thread: no contention. A change by one thread invalidates the caches of all.
        let directory = CachedDirectory(
            directory,
            limits: .init(secondsToLive: configuration.directoryCacheSeconds, entryLimit: Self.directoryCacheEntries),
            changes: changes)
        let tracking = responseCache.map { TimedTracking($0.tracker) }
        let cache = responseCache.flatMap { shared in tracking.map { shared.cache($0, directory: directory) } }
        let clock = PhaseClock(
            redisMicroseconds: { connection.elapsedMicroseconds + (tracking?.elapsedMicroseconds ?? 0) },
            directoryMicroseconds: { directory.lookUpMicroseconds })
        let queue = configuration.stores.queue
        let events = DeliveryQueue(connection: connection, settings: queue.events)
        let requestLog = WebhookRequestBuffer(
            connection: connection, events: configuration.stores.events, readBuffers: readBuffers)
        let payloads = PayloadArchive(connection: connection, limits: queue.archive ?? ArchiveLimits())
        let service = Service(
            dependencies: Dependencies(
                directory: directory, requestLog: requestLog,
                interactions: InteractionSeries(connection: connection),
                queue: events,
                payloads: payloads,
                deadLetters: events, redeliveries: RedeliveryJobs(connection: connection),
                erasure: EventErasure(queue: events, archive: payloads, log: requestLog),
                protocolSettings: configuration.identity.protocolSettings, sessions: configuration.identity.sessions,
                version: ProgramName.version,
                events: configuration.stores.followsEventsOfRules ? nil : configuration.stores.events,
                eventLimits: EventLimits(
                    maximumEventBytes: queue.maximumEventBytes, payloadSeconds: queue.payloadSeconds,
                    maximumImportBytes: configuration.limits.importBytes, detailsBytes: queue.detailsBytes),
                status: status(connection, board),
                diagnosis: configuration.explanation,
                state: StateSources(
                    health: FailureCounts(connection: connection), windows: FailureWindows(connection: connection),
                    breakers: configuration.explanation.policies.breaker.map {
                        CircuitBreakers(
                            connection: configuration.stores.makeBreakerConnection(sharing: connection), settings: $0)
                    },
                    pendingDisablings: PendingDisablings(connection: connection),
                    metrics: MetricStore(connection: connection),
                    backlog: events, places: events,
                    lastTimes: LastTimes(connection: connection), deliveries: DeliveryHours(connection: connection),
                    relayTargets: RelayTargetStates(connection: connection),
                    checkWrites: { () throws(RedisError) in try StoreSettings.checkWrites(on: connection) }),
                didIdentify: { clock.identify() }, responseCache: cache, management: management,
                addresses: configuration.addresses, servesStatusPage: servesStatusPage,
                signOutURL: configuration.signOutURL,
                relay: RelayDependencies(
                    targets: RelayTargetStates(connection: connection), seenEvents: SeenEvents(connection: connection),
                    maximumBytes: queue.maximumRelayBytes)))
        return Responder(
            respond: { service.respond(to: $0, arrival: $1) }, clock: clock, redisCounts: { connection.counts },
            bodyLimit: { service.bodyLimit(of: $0) }, isImport: { service.isImport($0) },
            readsSessions: configuration.identity.sessions != nil)
    }

    private func status(_ connection: RedisConnection, _ board: StatusBoard) -> StatusSources {
        StatusSources(
            metrics: MetricStore(connection: connection),
            queues: [configuration.stores.queue.events, .mail].map {
                DeliveryQueue(connection: connection, settings: $0)
            },
            silence: configuration.explanation.silence.isOn ? SilenceRounds(connection: connection) : nil,
            version: ProgramName.version, startedAt: startedAt, responseCache: responseCache?.counts,
            process: { board.status() })
    }

    /// Call it every tenth of a second: releases memory that the threads do not need any more.
    ///
    /// - Parameter bodyMemory: the server's.
    package func trimMemory(_ bodyMemory: BodyMemory) {
        let areBodiesOver = bodyMemory.tick()
        if readBuffers.tick() || areBodiesOver { HeapPolicy.trim() }
    }

    /// Tries the directory. A database that does not respond is no problem: requests get 503 then.
    package func checkDirectory() -> CheckResult {
        var result = configuration.stores.checkDirectory(directory, isStarting: true)
        if let releases = try? Optional(directory.releases()) {
            let check = ProtocolCheck(configuration.identity.protocolSettings.choice, fitting: releases)
            result.warnings += [check.warning].compactMap(\.self)
        }
        return result
    }
}

/// The response cache of all threads of a server, and the connection on which Redis reports changes.
package struct SharedResponseCache: Sendable {
    private let store: CachedResponseStore
    let tracker: ListTracker

    /// Nil when the settings disable the cache. Does not connect.
    package init?(_ configuration: Configuration, redisState: RedisServerState, log: LogWriter) {
        guard configuration.logCacheBytes > 0 else { return nil }
        let store = CachedResponseStore(byteLimit: configuration.logCacheBytes)
        self.store = store
        let stores = configuration.stores
        let replyTimeout = min(ListTracker.replyTimeout, .milliseconds(stores.redisCommandMilliseconds))
        tracker = ListTracker(
            endpoint: stores.redis,
            connectTimeout: min(ListTracker.replyTimeout, .milliseconds(stores.redisConnectMilliseconds)),
            replyTimeout: replyTimeout, state: redisState, changed: { store.invalidate($0) },
            refused: { reason in
                log.write(
                    LogLine(
                        .warning, "the response cache is off: Redis does not report changes",
                        [("reason", .text(reason))]))
            })
    }

    /// The cache as one thread uses it.
    ///
    /// - Parameter directory: the thread's directory cache.
    func cache(_ tracking: TimedTracking, directory: any DirectoryStore) -> ResponseCache {
        ResponseCache(store: store, tracking: tracking, directory: directory)
    }

    /// For the status page.
    var counts: @Sendable () -> ResponseCacheCounts {
        { [store, tracker] in store.counts(isTracking: tracker.isTracking) }
    }
}
