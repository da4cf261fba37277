import Buffer
import Directory
import Handlers
import Model
import ProgramSupport
import Queue
import Redis
import WebhookRules

/// Puts the rooms together: one directory for all threads, one connection to Redis and one service for each.
struct Composition: Sendable {
    /// Threads seldom look into the directory at the same moment: its cache answers most of what they ask. A look-up takes
    /// some tens of microseconds, a connection a hundred kilobytes and more.
    private static let maximumDirectoryConnections = 4

    /// Answers that a thread remembers of each kind of question.
    private static let cacheEntriesPerThread = 256

    /// What a thread's connection keeps from one answer to the next: logs, the large ones, are read in shared memory.
    private static let replyBytesPerThread = 64 << 10

    private let configuration: Configuration
    private let sqlite: SQLiteDirectory
    private let startedAt = Timestamp.now()
    private let answers: SharedResponseCache?
    private let changes = DirectoryChanges()
    /// What the threads read logs in.
    private let readingMemory: ReadBufferPool

    /// - Parameter answers: what the threads share of answers; nil = every answer is made anew.
    init(_ configuration: Configuration, answers: SharedResponseCache? = nil) {
        self.configuration = configuration
        self.answers = answers
        readingMemory = ReadBufferPool(limits: configuration.stores.replyLimits)
        let connectionCount = min(configuration.threadCount, Self.maximumDirectoryConnections)
        switch configuration.stores.directory {
        case .sqlite(let path):
            sqlite = SQLiteDirectory(path: path, limits: .init(connectionCount: connectionCount))
        }
    }

    /// Makes what one thread needs. Does not connect: Redis may be down when the program starts.
    ///
    /// - Parameters:
    ///   - board: what the status page says of this process.
    ///   - beforeLongWait: called, by the thread, before anything that may take long.
    func makeResponder(board: StatusBoard, beforeLongWait: @escaping @Sendable () -> Void = {}) -> Responder {
        let connection = configuration.stores.makeConnection(retainedBytes: Self.replyBytesPerThread)
        // A cache for each thread: none waits for another's lock. But each knows of the others' changes.
        let directory = CachedDirectory(
            sqlite,
            limits: .init(secondsToLive: configuration.directoryCacheSeconds, entryLimit: Self.cacheEntriesPerThread),
            changes: changes)
        let tracking = answers.map { TimedTracking($0.tracker) }
        let cache = answers.flatMap { answers in tracking.map { answers.cache($0, directory: directory) } }
        let clock = PhaseClock(
            redisMicroseconds: { connection.elapsedMicroseconds + (tracking?.elapsedMicroseconds ?? 0) },
            directoryMicroseconds: { directory.lookUpMicroseconds })
        let queue = configuration.stores.queue
        let service = Service(
            dependencies: Dependencies(
                directory: directory,
                requestLog: WebhookRequestBuffer(
                    connection: connection, events: configuration.stores.events, readBuffers: readingMemory),
                interactions: InteractionSeries(connection: connection),
                queue: DeliveryQueue(connection: connection, settings: queue.events),
                payloads: PayloadArchive(connection: connection, limits: queue.archive ?? ArchiveLimits()),
                events: configuration.stores.events,
                eventLimits: EventLimits(
                    maximumEventBytes: queue.maximumEventBytes, payloadSeconds: queue.payloadSeconds),
                status: status(connection, board), diagnosis: configuration.explanation,
                state: StateSources(
                    health: FailureCounts(connection: connection), metrics: MetricStore(connection: connection),
                    backlog: DeliveryQueue(connection: connection, settings: queue.events)),
                didIdentify: { clock.identify() }, responseCache: cache))
        return Responder(
            respond: { service.respond(to: $0) }, clock: clock, redisCounts: { connection.counts })
    }

    private func status(_ connection: RedisConnection, _ board: StatusBoard) -> StatusSources {
        StatusSources(
            metrics: MetricStore(connection: connection),
            queues: [configuration.stores.queue.events, .mail].map {
                DeliveryQueue(connection: connection, settings: $0)
            },
            version: ProgramName.version, startedAt: startedAt, answerCache: answers?.counts,
            process: { board.status() })
    }

    /// To be called every tenth of a second: gives back memory that the threads do not need any more.
    func tidy() {
        if readingMemory.tick() { HeapPolicy.trim() }
    }

    /// The present moment in the life of what keeps answers exact; nil = none are kept.
    var mark: InvalidationSequence? { answers?.mark }

    /// Tries the directory.
    func checkDirectory() throws(DirectoryError) {
        try sqlite.check()
    }

    /// Tries Redis.
    func checkRedis() throws(RedisError) {
        try configuration.stores.makeConnection().ping()
    }
}
