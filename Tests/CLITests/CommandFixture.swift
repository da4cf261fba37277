import Buffer
import Directory
import Foundation
import Model
import Queue
import Redis
import System
import TestSupport
import WireJSON

@testable import CLI

/// A deployment with one app, `radar`, installed in acme, and one hook that subscribes to issues.
struct CommandFixture {
    static let installation = "7a485448-a9e2-4c85-8a3c-4f44175783c9"

    let runner: CommandRunner
    let redis: RedisServer

    /// - Parameters:
    ///   - app: further fields of the app, as JSON members that begin with a comma.
    ///   - more: further tables of the document, the same way.
    init(
        url: String? = "https://example.com/hook", app: String = "", events: String = #"["issue"]"#,
        hook: String? = #""events": ["issue.created", "issue.assigned"]"#, installation: String = "",
        more: String = "", redisArguments: [String] = []
    ) throws {
        redis = try RedisServer(extraArguments: redisArguments)
        runner = try CommandRunner(redis: redis)
        let hooks = hook.map { #"{"id": 1, "installation_id": 1, "organization_id": 1, "url": "x", \#($0)}"# } ?? ""
        let webhookURL = url.map { #", "webhook_url": "\#($0)""# } ?? ""
        let outcome = try runner.importDocument(
            """
            {"organizations": [{"id": 1, "slug": "acme"}, {"id": 2, "slug": "globex"}],
             "apps": [{"id": 1, "slug": "radar", "name": "Radar", "owner_id": 1, "status": "published",
                       "client_secret": "hush", "events": \(events)\(webhookURL)\(app)}],
             "installations": [{"id": 1, "app_id": 1, "organization_id": 1,
                                "uuid": "\(Self.installation)"\(installation)}],
             "service_hooks": [\(hooks)],
             "projects": [{"id": 5, "slug": "web", "organization_id": 1},
                          {"id": 6, "slug": "elsewhere", "organization_id": 2}]\(more)}
            """)
        guard outcome.status == 0 else { throw TestSupportError("the document: \(outcome.error)") }
    }

    /// Changes the app as an earlier version or another program could have stored it, without the checks of an import.
    func store(_ change: (inout SentryApp) -> Void) throws {
        var document = try runner.directory.document()
        change(&document.apps[0].app)
        try runner.store(document)
    }

    /// A connection of the test's own.
    func connection() throws -> RedisConnection {
        RedisConnection(endpoint: try RedisEndpoint(parsing: redis.url), commandTimeout: .seconds(10))
    }

    func queue() throws -> DeliveryQueue { DeliveryQueue(connection: try connection()) }

    /// Everything that waits in the queue, taken out of it.
    func queued() throws -> [QueueDelivery] {
        let queue = try queue()
        var all: [QueueDelivery] = []
        while true {
            let page = try queue.receive(consumer: "test", count: 100)
            guard !page.isEmpty else { return all }
            all += page
        }
    }

    /// Keeps payloads as a worker does; events `e0`, `e1`, … a minute apart, the last one enqueued now.
    func archive(count: Int, failed: Set<Int> = [], now: Timestamp = .now()) throws {
        let archive = PayloadArchive(connection: try connection())
        for index in 0..<count {
            let payload = QueuedEvent(
                event: "issue.created", installationUUID: Self.installation, projectID: 5,
                data: .object([.init(name: "number", value: .integer(index))]))
            let event = ArchivedEvent(
                id: "e\(index)", appID: 1, event: "issue.created",
                enqueuedAt: now.adding(seconds: -60 * Int64(count - index)), payload: payload.bytes)
            try archive.store(
                [ArchiveEntry(event: event, isError: failed.contains(index), isNew: true)], now: now)
        }
    }

    /// Says that workers are alive, each with three webhooks under way, as they say it themselves.
    func report(workers names: String..., pauseReason: String? = nil) throws {
        let store = MetricStore(connection: try connection())
        for name in names {
            let worker = WorkerReport(
                consumer: name, version: "1.2", startedAt: Timestamp.now().adding(seconds: -7200), inFlight: 3,
                pauseReason: pauseReason)
            guard try store.report(worker, lifetime: .seconds(60)) else { throw TestSupportError("not reported") }
        }
    }

    /// The id of a dead letter that `deadLetter` makes.
    static func letter(_ number: Int, appID: Int64 = 1) -> String {
        let digits = "\(appID)dead\(number)"
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    /// Puts entries among the dead letters; their ids.
    @discardableResult
    func deadLetter(count: Int, appID: Int64 = 1) throws -> [String] {
        let queue = try queue()
        let ids = (0..<count).map { Self.letter($0, appID: appID) }
        for id in ids {
            let payload = QueuedEvent(
                event: "issue.created", installationUUID: Self.installation,
                data: .object([.init(name: "id", value: .string(id))]))
            _ = try queue.enqueue(
                QueueEntry(
                    id: id, appID: appID, event: "issue.created", enqueuedAt: .now(), payload: payload.bytes,
                    attempt: 4))
        }
        for delivery in try queue.receive(consumer: "test", count: 100) {
            _ = try queue.deadLetter(delivery, reason: "4 attempts failed, the last with 503", at: .now())
        }
        return ids
    }
}

/// Receives one event from the queue and writes a row of the log for it, like a worker, without sending anything.
final class FakeWorker: @unchecked Sendable {
    private let ended = DispatchSemaphore(value: 0)
    private let outcome = Lock<Result<QueueDelivery, any Error>?>(nil)

    /// - Parameter code: that of the row.
    init(fixture: CommandFixture, code: Int) throws {
        let url = fixture.redis.url
        Thread.detachNewThread {
            let result = Result { try FakeWorker.work(url: url, code: code) }
            self.outcome.withLock { $0 = result }
            self.ended.signal()
        }
    }

    private static func work(url: String, code: Int) throws -> QueueDelivery {
        let endpoint = try RedisEndpoint(parsing: url)
        let queue = DeliveryQueue(connection: RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)))
        guard let delivery = try queue.receive(consumer: "fake", count: 1, wait: .seconds(20)).first else {
            throw TestSupportError("no event came within 20 s")
        }
        let buffer = WebhookRequestBuffer(
            connection: RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)))
        _ = try buffer.record(
            WebhookRequestRecord(
                date: .now(), event: delivery.entry.event, appID: delivery.entry.appID, responseCode: code,
                webhookURL: "http://x/", requestHeaders: [], responseBody: Array("oops".utf8), requestBody: "{}",
                organizationID: 1, errorID: nil, projectID: nil, requestID: delivery.entry.id, attempt: 1,
                durationMilliseconds: 12, reason: nil))
        _ = try queue.acknowledge(delivery)
        return delivery
    }

    /// Waits for its end and gives the event.
    func join() throws -> QueuedEvent {
        guard ended.wait(timeout: .now() + 30) == .success, let result = outcome.withLock({ $0 }),
            let event = QueuedEvent(bytes: try result.get().entry.payload)
        else { throw TestSupportError("the worker did not end") }
        return event
    }

    /// The event's id; once it has ended.
    var id: String? { try? outcome.withLock { try $0?.get().entry.id } }
}
