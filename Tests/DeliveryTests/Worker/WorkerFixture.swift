import Buffer
import Delivery
import Directory
import Logging
import Model
import Queue
import Redis
import System
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// A Redis, a directory and a receiver, and workers that deliver between them.
final class WorkerFixture {
    let server: RedisServer
    let receiver: WebhookReceiver
    var directory = MemoryDirectory()
    let metrics = MetricsRecorder()
    let log = LogRecorder()
    let observed = ObservedAttempts()
    let queue: DeliveryQueue
    private var nextEvent = 1

    init(server: RedisServer? = nil, shardCount: Int = 1) throws {
        let server = try server ?? RedisServer()
        self.server = server
        receiver = try WebhookReceiver()
        queue = DeliveryQueue(
            connection: try server.workerConnection(), settings: DeliveryQueueSettings(shardCount: shardCount))
    }

    /// Adds an app with one installation and its hook; both subscribe to issues.
    ///
    /// - Parameter path: what the receiver is asked for.
    func addApp(
        _ id: Int64, _ path: String = "/", status: SentryApp.Status = .published, events: [String] = ["issue"],
        hookEvents: [String]? = ["issue.created"], timeoutMilliseconds: Int? = nil, organizationID: Int64 = 1,
        policy: DeliveryPolicyName? = nil
    ) {
        var app = SentryApp(
            id: id, slug: "app-\(id)", name: "App \(id)", ownerID: 1, status: status, uuid: "app-uuid-\(id)",
            webhookURL: receiver.url(path), events: events, clientSecret: Secret("secret-\(id)"))
        app.webhookTimeoutMilliseconds = timeoutMilliseconds
        app.deliveryPolicy = policy
        directory.apps.append(app)
        let installation = Installation(
            id: id, appID: id, organizationID: organizationID, uuid: "install-\(id)",
            dateAdded: Timestamp(seconds: 0))
        directory.installations.append(installation)
        guard let hookEvents else { return }
        directory.serviceHooks.append(
            ServiceHook(
                id: id, installationID: id, organizationID: organizationID, url: "", events: hookEvents))
    }

    /// Puts an event for an app's installation into the queue; returns its id.
    ///
    /// - Parameter text: in the event's data.
    @discardableResult
    func enqueue(
        app: Int64, _ event: EventType = "issue.created", originalID: String? = nil, at date: Timestamp = .now(),
        text: String = "1"
    ) throws -> String {
        let digits = String(nextEvent, radix: 16)
        nextEvent += 1
        let id = String(repeating: "0", count: 32 - digits.count) + digits
        let payload = QueuedEvent(
            event: event.rawValue, installationUUID: "install-\(app)",
            data: .object([.init(name: "issue", value: .object([.init(name: "id", value: .string(text))]))]),
            originalID: originalID)
        let entry = QueueEntry(
            id: id, appID: app, event: event, enqueuedAt: date, payload: payload.bytes, originalID: originalID)
        try #require(try queue.enqueue(entry) == .accepted(id))
        return id
    }

    /// A worker, as a rule one that has been started; short times, so that tests are.
    ///
    /// - Parameters:
    ///   - isDisabling: whether it disables apps, as its policy says; otherwise it only records attempts.
    ///   - commandTimeout: of its connections to Redis.
    ///   - silence: how it looks for silent apps; nil = not at all.
    ///   - breakerRedis: of circuit breakers, where the settings have some; nil = the same.
    func worker(
        _ consumer: String = "one", clock: WallClock = .system, isStarted: Bool = true, isDisabling: Bool = false,
        commandTimeout: Duration = .seconds(5), silence: SilenceSettings? = nil, breakerRedis: String? = nil,
        _ change: (inout DeliveryWorkerSettings) -> Void = { _ in }
    ) throws -> DeliveryWorker {
        var settings = DeliveryWorkerSettings(consumer: consumer)
        settings.sender.addresses = try AddressPolicy(parsing: "127.0.0.0/8")
        settings.policy.retry = RetryPolicy(
            delays: [.milliseconds(10), .milliseconds(10), .milliseconds(10)], jitterPercent: 0)
        settings.plan.timeoutRange = .milliseconds(50) ... .seconds(60)
        settings.plan.timeout = .seconds(20)
        change(&settings)
        let (server, observed) = (server, observed)
        let endpoint = try RedisEndpoint(parsing: server.url)
        let (directory, metrics, log) = (directory, metrics, log.logger)
        let policies = settings.policies
        let breakerEndpoint = try breakerRedis.map { try RedisEndpoint(parsing: $0) }
        let makeCircuitObserver = settings.policies.breaker.map { _ in
            { @Sendable (connection: RedisConnection) -> any CircuitObserving in
                CircuitObserver(
                    connection: breakerEndpoint.map { RedisConnection(endpoint: $0, commandTimeout: .seconds(5)) }
                        ?? connection,
                    policies: policies, directory: directory,
                    mailQueue: DeliveryQueue(connection: connection, settings: .mail),
                    baseURL: "https://sentry.test", links: .platform, metrics: metrics, log: log)
            }
        }
        let plan = settings.plan
        let makeSilenceMonitor = silence.map { silence -> DeliveryWorker.MakeSilenceMonitor in
            { connection, breakers in
                SilenceMonitor(
                    connection: connection, settings: silence, plan: plan, policies: policies, breakers: breakers,
                    directory: directory, mailQueue: DeliveryQueue(connection: connection, settings: .mail),
                    baseURL: "https://sentry.test", links: .platform, log: log)
            }
        }
        let worker = try DeliveryWorker(
            settings: settings,
            makeConnection: { RedisConnection(endpoint: endpoint, commandTimeout: commandTimeout) },
            directory: directory,
            makeAutoDisabler: {
                guard isDisabling else { return RecordingAutoDisabler(observed) }
                let connection = RedisConnection(endpoint: endpoint, commandTimeout: .seconds(5))
                return AutoDisabler(
                    connection: connection, directory: directory,
                    mailQueue: DeliveryQueue(connection: connection, settings: .mail), policies: policies,
                    baseURL: "https://sentry.test", metrics: metrics, log: log)
            },
            makeCircuitObserver: makeCircuitObserver, makeSilenceMonitor: makeSilenceMonitor, metrics: metrics,
            log: log, clock: clock, random: { 0.5 })
        if isStarted { try worker.start() }
        return worker
    }

    /// Waits until the queue holds nothing but dead letters.
    func waitUntilEmpty(seconds: Double = 20) throws {
        try waitUntil("the queue is empty: \(try queue.statistics())", seconds: seconds) {
            try queue.statistics().depth == 0
        }
    }

    /// The rows of an app's log, the newest first.
    func rows(app: Int64, _ event: EventType = "issue.created", errorsOnly: Bool = false) throws -> [JSONValue] {
        let kind = errorsOnly ? "error" : "request"
        let reply = try server.command("LRANGE", "sentry-app-webhook-\(kind):{\(app)}:\(event.rawValue)", "0", "-1")
        return try reply.split(separator: "\r\n").filter { $0.hasPrefix("{") }.map {
            try JSONValue(parsing: Array($0.utf8))
        }
    }

    /// One member of each row.
    func column(_ name: String, app: Int64, _ event: EventType = "issue.created") throws -> [String] {
        try rows(app: app, event).map { row in
            guard let value = row[name] else { return "-" }
            return value.string ?? String(decoding: value.serialized(escaping: .ascii), as: UTF8.self)
        }
    }
}

extension RedisServer {
    /// A connection for code under test.
    func workerConnection() throws -> RedisConnection {
        RedisConnection(endpoint: try RedisEndpoint(parsing: url), commandTimeout: .seconds(5))
    }
}

/// What `RecordingAutoDisabler` observed, and how it fails.
final class ObservedAttempts: Sendable {
    struct State {
        var attempts: [FinishedAttempt] = []
        var completions = 0
        var failure: RedisError?
        /// Of apps that want no more webhooks.
        var gone: [FinishedAttempt] = []
        var goneFailure: RedisError?
    }

    let state = Lock(State())
}

/// Records the observed attempts.
final class RecordingAutoDisabler: AutoDisabling {
    private let log: ObservedAttempts

    init(_ log: ObservedAttempts) {
        self.log = log
    }

    func noteGone(_ attempts: [FinishedAttempt]) throws(RedisError) -> Set<Int64> {
        let failure = log.state.withLock { state in
            if state.goneFailure == nil { state.gone += attempts }
            return state.goneFailure
        }
        if let failure { throw failure }
        return []
    }

    func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> Set<Int64> {
        let failure = log.state.withLock { state in
            state.attempts += attempts
            return state.failure
        }
        if let failure { throw failure }
        return []
    }

    func completeNotices(now: Timestamp) throws(RedisError) -> Set<Int64> {
        let failure = log.state.withLock { state in
            state.completions += 1
            return state.failure
        }
        if let failure { throw failure }
        return []
    }
}

/// Counts by name.
final class MetricsRecorder: DeliveryMetrics {
    private let counts = Lock<[String: Int]>([:])

    subscript(_ name: String) -> Int { counts.withLock { $0[name] ?? 0 } }

    /// What was counted at least once.
    var names: Set<String> { counts.withLock { Set($0.keys) } }

    private func count(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }

    func countResponse(status: String, integration: String, event: EventType) {
        count("response \(status) \(integration) \(event.rawValue)")
    }
    func countProcessed(event: EventType) { count("processed \(event.rawValue)") }
    func countRetry() { count("retry") }
    func countDeadLetter() { count("dead") }
    func countDisabled() { count("disabled") }
    func countBreakerOpening() { count("breaker") }
    func recordDuration(milliseconds: Int) { count("duration") }
    func recordDelay(milliseconds: Int) { count("delay") }
}

/// Keeps log lines.
struct LogRecorder: LogHandler {
    private let lines = Lock<[String]>([])
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    var logger: Logger { Logger(label: "test") { _ in self } }

    /// Messages, in order.
    var messages: [String] { lines.withLock { $0 } }

    func count(_ message: String) -> Int { messages.count { $0 == message } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append(event.message.description) }
    }
}
