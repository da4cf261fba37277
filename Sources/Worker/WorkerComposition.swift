import Buffer
import Delivery
import Directory
import Glibc
import Logging
import Model
import ProgramSupport
import Queue
import Redis
import System
import WebhookRules

/// The composition root: makes the parts that deliver, disable apps, send mail and publish metrics.
struct WorkerComposition: Sendable {
    /// Changes in the directory take effect within a second. Absence is not cached: an event may directly follow the
    /// installation it is for, and is dropped for good if that is not found.
    private static let cacheLimits = DirectoryCacheLimits(
        secondsToLive: 1, entryLimit: 16_384, cachesAbsence: false)
    /// Entries received and not settled, per webhook that may be in progress.
    private static let entriesPerWebhook = 4
    /// The minimum time that a drain leaves for mail in progress.
    private static let minimumMailTime = Duration.seconds(1)

    private let monitor: RedisMonitor
    private let engine: DeliveryWorker
    private let publisher: MetricsPublisher
    /// Nil if no mail server is set.
    private let mails: MailWorker?

    /// Makes all parts and starts none. Redis may be down.
    ///
    /// - Parameter directoryConnections: at most this many are open for lookups.
    init(_ configuration: WorkerConfiguration, directoryConnections: Int, logger: Logger) throws {
        let consumer = Self.consumerName()
        let redisState = RedisServerState()
        let makeConnection = { @Sendable in
            let connection = configuration.stores.makeConnection(state: redisState)
            // Opened by the thread that uses it before it does anything else, so that descriptors are there for it.
            // Where Redis is down, the first call makes the connection, and reports a failure.
            try? connection.ping()
            return connection
        }
        monitor = configuration.stores.makeMonitor(redisState) { $0.log(to: logger) }
        let shared = try SharedServices(
            configuration, directoryConnections: directoryConnections, makeConnection: makeConnection, logger: logger)
        engine = try DeliveryWorker(
            settings: Self.engineSettings(configuration, consumer: consumer),
            makeConnection: makeConnection, directory: shared.directory,
            makeAutoDisabler: { shared.makeAutoDisabler() },
            makeCircuitObserver: shared.circuitObservers(), makeSilenceMonitor: shared.silenceMonitor(),
            metrics: shared.metrics, log: logger,
            random: { Double.random(in: 0...1) })
        let engine = engine
        publisher = MetricsPublisher(
            registry: shared.metrics, settings: Self.publisherSettings(configuration, consumer: consumer),
            makeConnection: makeConnection,
            workerState: { WorkerState(inFlight: engine.senderLoad.running, pauseReason: engine.pauseReason) },
            logger: logger)
        mails = try configuration.mail.map { mail in
            MailWorker(
                settings: MailWorkerSettings(consumer: consumer),
                makeConnection: makeConnection,
                mails: try AutoDisableMails(
                    templatesDirectory: mail.templatesDirectory, productName: configuration.plan.names.product),
                smtp: mail.server,
                from: mail.sender, log: logger)
        }
    }

    /// Starts all threads. Does not wait for Redis, which may be down.
    func start() throws {
        try monitor.start()
        try publisher.start()
        try mails?.start()
        try engine.start()
    }

    /// The number of heartbeats of the delivery threads, that of the slowest.
    var heartbeatCount: Int { engine.heartbeat }

    /// Whether events are in progress, or each delivery thread has not completed its first round, which takes over what
    /// other workers have left.
    var isBusy: Bool { engine.inFlight > 0 || engine.hasPutBackEntries || engine.heartbeat < 2 }

    /// Why nothing is sent at the moment; nil as long as outcomes can be recorded.
    var pauseReason: String? { engine.pauseReason }

    /// Takes no more events, finishes attempts in progress for up to `limit`, returns all others to the queue and ends
    /// all threads.
    ///
    /// - Returns: the number of events that could not be returned; another worker takes them over.
    func stop(within limit: Duration) -> Int {
        let end = MonotonicTime.now().adding(seconds: Int(limit.components.seconds))
        let remainder = engine.stop(within: limit)
        let left = Duration.microseconds(end.microseconds - MonotonicTime.now().microseconds)
        mails?.stop(within: max(left, Self.minimumMailTime))
        // Last, because it publishes what the others have counted.
        publisher.stop()
        monitor.stop()
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
        settings.policies = configuration.policies
        settings.archive = configuration.stores.queue.archive
        settings.detailsBytes = configuration.stores.queue.detailsBytes
        settings.sender.keptHeaderLimit = settings.archive == nil ? 0 : HeaderList.byteLimit
        settings.inFlightLimit = max(settings.inFlightLimit, entriesPerWebhook * configuration.sender.totalLimit)
        settings.sender.waitingLimit = max(settings.sender.waitingLimit, settings.inFlightLimit)
        return settings
    }

    private static func publisherSettings(
        _ configuration: WorkerConfiguration, consumer: String
    ) -> MetricsPublisherSettings {
        MetricsPublisherSettings(
            consumer: consumer, version: ProgramName.version, policy: configuration.policy.name.rawValue,
            startedAt: .now(),
            queues: [configuration.stores.queue.events, .mail],
            statsD: configuration.statsd.flatMap { address in
                address.port.map { StatsDAddress(host: address.host, port: $0) }
            })
    }

    /// Unique among all processes, past and present: `host-4711-9f3c…`.
    private static func consumerName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&name, name.count - 1) == 0
        let host =
            isKnown ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "worker"
        return "\(host)-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }

    /// Shared by several threads.
    private struct SharedServices: Sendable {
        /// Short, since the housekeeping thread waits: it repeats a change that fails.
        private static let writeWaitMilliseconds: Int32 = 1000

        let directory: any DeliveryDirectory & AppListing
        let metrics = MetricRegistry()
        private let configuration: WorkerConfiguration
        private let makeConnection: @Sendable () -> RedisConnection
        private let logger: Logger

        init(
            _ configuration: WorkerConfiguration, directoryConnections: Int,
            makeConnection: @escaping @Sendable () -> RedisConnection, logger: Logger
        ) throws(DirectoryError) {
            self.configuration = configuration
            self.makeConnection = makeConnection
            self.logger = logger
            let database = try configuration.stores.openDirectory(
                limits: DirectoryLimits(
                    connectionCount: directoryConnections, writeWaitMilliseconds: Self.writeWaitMilliseconds))
            directory = CachedDirectory(database, limits: cacheLimits)
        }

        /// For one thread.
        func makeAutoDisabler() -> AutoDisabler {
            let connection = makeConnection()
            return AutoDisabler(
                connection: connection, directory: directory,
                mailQueue: configuration.mail.map { _ in DeliveryQueue(connection: connection, settings: .mail) },
                policies: configuration.policies, baseURL: configuration.platformURL,
                links: configuration.mailLinks, names: configuration.plan.names, metrics: metrics, log: logger)
        }

        /// Nil = no app counts as silent.
        func silenceMonitor() -> DeliveryWorker.MakeSilenceMonitor? {
            guard configuration.silence.rule.isOn else { return nil }
            return { connection, breakers in
                SilenceMonitor(
                    connection: connection, settings: configuration.silence, plan: configuration.plan,
                    policies: configuration.policies, breakers: breakers, directory: directory,
                    mailQueue: configuration.mail.map { _ in DeliveryQueue(connection: connection, settings: .mail) },
                    baseURL: configuration.platformURL, links: configuration.mailLinks, log: logger)
            }
        }

        /// Makes one for each thread, whose connection it uses, too; nil = there are no circuit breakers.
        func circuitObservers() -> (@Sendable (RedisConnection) -> any CircuitObserving)? {
            guard configuration.policies.breaker != nil else { return nil }
            return { connection in
                CircuitObserver(
                    connection: configuration.stores.makeBreakerConnection(sharing: connection),
                    policies: configuration.policies, directory: directory,
                    mailQueue: configuration.mail.map { _ in DeliveryQueue(connection: connection, settings: .mail) },
                    baseURL: configuration.platformURL, links: configuration.mailLinks, metrics: metrics, log: logger)
            }
        }
    }
}

extension RedisMonitor.Event {
    func log(to logger: Logger) {
        var metadata: Logger.Metadata = [:]
        if let detail { metadata[detail.key] = .string(detail.value) }
        logger.log(level: isFault ? .error : .notice, "\(message)", metadata: metadata)
    }
}
