import Buffer
import Delivery
import Directory
import Glibc
import Logging
import Model
import ProgramSupport
import Queue
import System

/// Puts the rooms together: what delivers, what watches over integrations, what mails and what counts.
struct WorkerComposition: Sendable {
    /// The engine's threads, the mails' and some room: a look-up waits when all are in use.
    private static let directoryConnections = 8
    /// What changes in the directory counts within a second. That something is not there is asked each time: an event may
    /// follow the installation it is for at once, and is dropped for good where that is not known.
    private static let cacheLimits = DirectoryCacheLimits(
        secondsToLive: 1, entryLimit: 16_384, remembersAbsence: false)
    /// Entries received and not settled for each webhook that may be under way.
    private static let entriesPerWebhook = 4
    /// What the mail under way has at least when a drain begins.
    private static let leastMailTime = Duration.seconds(1)

    private let engine: DeliveryWorker
    private let publisher: MetricsPublisher
    /// Nil where no mail server is set.
    private let mails: MailWorker?

    /// Makes everything and starts nothing. Redis may be down.
    init(_ configuration: WorkerConfiguration, logger: Logger) throws {
        let consumer = Self.consumerName()
        let parts = Parts(configuration, logger: logger)
        engine = try DeliveryWorker(
            settings: Self.engineSettings(configuration, consumer: consumer),
            makeConnection: { configuration.stores.makeConnection() }, directory: parts.directory,
            makeAutoDisabler: { parts.makeMonitor() }, metrics: parts.metrics, log: logger,
            random: { Double.random(in: 0...1) })
        let engine = engine
        publisher = MetricsPublisher(
            registry: parts.metrics, settings: Self.publisherSettings(configuration, consumer: consumer),
            makeConnection: { configuration.stores.makeConnection() }, inFlight: { engine.senderLoad.running },
            logger: logger)
        mails = try configuration.mail.map { mail in
            MailWorker(
                settings: MailWorkerSettings(consumer: consumer),
                makeConnection: { configuration.stores.makeConnection() },
                mails: try AutoDisableMails(templatesDirectory: mail.templatesDirectory), smtp: mail.server,
                from: mail.sender, log: logger)
        }
    }

    /// Starts all threads. Does not wait for Redis, which may be down.
    func start() throws {
        try publisher.start()
        try mails?.start()
        try engine.start()
    }

    /// How often the threads that take and look after events have come round, the slower of them.
    var signsOfLife: Int { engine.heartbeat }

    /// Takes no more events, lets attempts under way finish for up to `limit`, puts back the rest and ends all threads.
    ///
    /// - Returns: how many events could not be put back; another worker takes them over.
    func stop(within limit: Duration) -> Int {
        let end = MonotonicTime.now().adding(seconds: Int(limit.components.seconds))
        let remainder = engine.stop(within: limit)
        let left = Duration.microseconds(end.microseconds - MonotonicTime.now().microseconds)
        mails?.stop(within: max(left, Self.leastMailTime))
        // The last: it carries away what the others have counted.
        publisher.stop()
        return remainder.unsettled
    }

    private static func engineSettings(
        _ configuration: WorkerConfiguration, consumer: String
    ) -> DeliveryWorkerSettings {
        var settings = DeliveryWorkerSettings(queue: configuration.stores.queue.events, consumer: consumer)
        settings.visibilityTimeout = configuration.visibilityTimeout
        settings.sender = configuration.sender
        settings.sender.requestLimit = max(
            settings.sender.requestLimit, configuration.stores.queue.maximumPayloadBytes)
        settings.plan = configuration.plan
        settings.retry = configuration.retry
        settings.archive = configuration.stores.queue.archive
        settings.inFlightLimit = max(settings.inFlightLimit, entriesPerWebhook * configuration.sender.totalLimit)
        settings.sender.waitingLimit = max(settings.sender.waitingLimit, settings.inFlightLimit)
        return settings
    }

    private static func publisherSettings(
        _ configuration: WorkerConfiguration, consumer: String
    ) -> MetricsPublisherSettings {
        MetricsPublisherSettings(
            consumer: consumer, version: ProgramName.version, startedAt: .now(),
            queues: [configuration.stores.queue.events, .mail],
            statsD: configuration.statsd.flatMap { address in
                address.port.map { StatsDAddress(host: address.host, port: $0) }
            })
    }

    /// Never used by another process, before or beside this one: `host-4711-9f3c…`.
    private static func consumerName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&name, name.count - 1) == 0
        let host =
            isKnown ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "worker"
        return "\(host)-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }

    /// What several threads share.
    private struct Parts: Sendable {
        let directory: any DeliveryDirectory
        let metrics = MetricRegistry()
        private let configuration: WorkerConfiguration
        private let logger: Logger

        init(_ configuration: WorkerConfiguration, logger: Logger) {
            self.configuration = configuration
            self.logger = logger
            switch configuration.stores.directory {
            case .sqlite(let path):
                let sqlite = SQLiteDirectory(path: path, limits: .init(connectionCount: directoryConnections))
                directory = CachedDirectory(sqlite, limits: cacheLimits)
            }
        }

        /// What one thread watches over integrations with.
        func makeMonitor() -> AutoDisabler {
            let connection = configuration.stores.makeConnection()
            return AutoDisabler(
                connection: connection, directory: directory,
                mailQueue: configuration.mail.map { _ in DeliveryQueue(connection: connection, settings: .mail) },
                settings: configuration.broken, baseURL: configuration.platformURL, metrics: metrics, log: logger)
        }
    }
}
