import Buffer
import Directory
import Handlers
import Model

/// Puts the rooms together: one directory for all threads, one connection to Redis and one service for each.
struct Wiring: Sendable {
    /// Threads seldom look into the directory at the same moment: its cache answers most of what they ask.
    private static let maximumDirectoryConnections = 32

    /// Answers that a thread remembers of each kind of question.
    private static let cacheEntriesPerThread = 256

    /// What the queue adds to the body of an event: the members' names, the installation, ids.
    private static let envelopeBytes = 16 << 10

    /// Bounds of what is taken in, and of the queue that it goes to.
    private static let delivery = DeliverySettings()
    private static let queue = DeliveryQueueSettings(maximumPayloadBytes: delivery.maximumEventBytes + envelopeBytes)

    private let configuration: Configuration
    private let sqlite: SQLiteDirectory
    private let startedAt = Timestamp.now()

    init(_ configuration: Configuration) {
        self.configuration = configuration
        let connectionCount = min(configuration.threadCount, Self.maximumDirectoryConnections)
        switch configuration.directory {
        case .sqlite(let path):
            sqlite = SQLiteDirectory(path: path, limits: .init(connectionCount: connectionCount))
        }
    }

    /// Makes what one thread needs. Does not connect: Redis may be down when the program starts.
    func makeResponder() -> Responder {
        let connection = makeConnection()
        // A cache for each thread: none waits for another's lock.
        let directory = CachedDirectory(
            sqlite,
            limits: .init(secondsToLive: configuration.directoryCacheSeconds, entryLimit: Self.cacheEntriesPerThread))
        let service = Service(
            dependencies: Dependencies(
                directory: directory,
                requestLog: WebhookRequestBuffer(connection: connection, events: configuration.events),
                interactions: InteractionSeries(connection: connection),
                queue: DeliveryQueue(connection: connection, settings: Self.queue),
                payloads: PayloadArchive(connection: connection), events: configuration.events,
                delivery: Self.delivery, status: status(connection)))
        return Responder(
            respond: { service.respond(to: $0) }, redisMicroseconds: { connection.elapsedMicroseconds })
    }

    private func status(_ connection: RedisConnection) -> StatusSources {
        StatusSources(
            metrics: MetricStore(connection: connection),
            queues: ["events", "mail"].map {
                DeliveryQueue(connection: connection, settings: DeliveryQueueSettings(name: $0))
            },
            version: FCGIApp.version, startedAt: startedAt)
    }

    /// Tries the directory.
    func checkDirectory() throws(DirectoryError) {
        try sqlite.check()
    }

    /// Tries Redis.
    func checkRedis() throws(BufferError) {
        try makeConnection().ping()
    }

    private func makeConnection() -> RedisConnection {
        RedisConnection(
            endpoint: configuration.redis, connectTimeout: .milliseconds(configuration.redisConnectMilliseconds),
            commandTimeout: .milliseconds(configuration.redisCommandMilliseconds))
    }
}
