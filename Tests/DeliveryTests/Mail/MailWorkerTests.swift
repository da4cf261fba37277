import Buffer
import Delivery
import Foundation
import Model
import Queue
import Redis
import System
import TestSupport
import Testing

/// The mails of the queue reach the mail server.
@Suite
struct MailWorkerTests {
    private let redis: RedisServer
    private let log = RecordedLog()
    private static let fast: [Duration] = [.milliseconds(20), .milliseconds(40), .milliseconds(80)]

    init() throws {
        redis = try RedisServer()
    }

    private func worker(
        port: UInt16, retryDelays: [Duration] = fast, timeout: Duration = .seconds(20), consumer: String = "one",
        clock: WallClock = .system
    ) throws -> MailWorker {
        let redis = redis
        let endpoint = try RedisEndpoint(parsing: redis.url)
        return MailWorker(
            settings: MailWorkerSettings(
                consumer: consumer, retryDelays: retryDelays, wait: .milliseconds(20),
                pauses: .milliseconds(10) ... .milliseconds(50), housekeepingInterval: .milliseconds(100)),
            makeConnection: { RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)) },
            mails: try AutoDisableMails(templatesDirectory: templates),
            smtp: try SMTPSettings(host: "127.0.0.1", port: port, encryption: .off, timeout: timeout),
            from: try MailAddress("hookline@example.org", name: "Hookline"), log: log.logger, clock: clock)
    }

    private var templates: String {
        URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../conf/templates").standardized.path
    }

    private func enqueue(_ number: Int, to recipient: String = "owner@example.com") throws {
        let id = String(repeating: "0", count: 31) + String(number, radix: 16)
        let mail = QueuedMail(
            notice: AutoDisableNotice(
                kind: .disabled, appName: "pager", appSlug: "pager", organizationSlug: "acme",
                webhookURL: "https://user:sesame@hooks.example.com/in", baseURL: "https://sentry.example.com",
                reason: "responded with 410 Gone, which asks for no more webhooks"),
            recipient: recipient, recipientName: "Ä", messageID: id)
        let entry = QueueEntry(
            id: id, appID: 31, event: "integration.disabled", enqueuedAt: Timestamp(seconds: 951_782_400),
            payload: mail.bytes)
        #expect(try redis.mailQueue().enqueue(entry) == .accepted(id))
    }

    private func deadReasons() throws -> [String] {
        try redis.mailQueue().deadLetters(count: 10).letters.map(\.reason)
    }

    private func waitForEmptyQueue() throws {
        let queue = try redis.mailQueue()
        try waitUntil("the mail queue is empty", seconds: 30) {
            let statistics = try queue.statistics()
            return statistics.waiting + statistics.pending + statistics.scheduled == 0
        }
    }

    @Test func aQueuedMailArrivesWithItsFacts() throws {
        let server = try SMTPServer()
        let worker = try worker(port: server.port)
        try enqueue(1)

        try worker.start()
        try waitForEmptyQueue()
        let hasStopped = worker.stop(within: .seconds(10))

        let mail = try #require(try server.mails().first)
        #expect(hasStopped)
        #expect(try server.mails().count == 1)
        #expect(mail.recipients == ["owner@example.com"])
        #expect(mail.header("Subject") == "Action required: Fix your Pager integration")
        #expect(mail.header("Message-ID") == "<00000000000000000000000000000001@example.org>")
        #expect(mail.header("Date") == "Tue, 29 Feb 2000 00:00:00 +0000")
        for part in mail.parts {
            #expect(
                part.text.contains(
                    "https://sentry.example.com/settings/acme/developer-settings/pager/?referrer=disabled-sentry-app"))
            #expect(part.text.contains("https://hooks.example.com/in"))
            #expect(part.text.contains("410 Gone"))
        }
        #expect(!mail.raw.contains("sesame"))
        #expect(try deadReasons() == [])
    }

    @Test func aServerThatIsDownGetsTheMailWhenItIsUp() throws {
        let port = try freePort()
        let worker = try worker(port: port, retryDelays: Array(repeating: .milliseconds(20), count: 10_000))
        try enqueue(1)
        try worker.start()

        try waitUntil("the worker sees that the server is down") {
            log.lines("the mail server is unavailable").count == 1
        }
        let server = try SMTPServer(port: port)
        try waitForEmptyQueue()
        worker.stop(within: .seconds(10))

        #expect(try server.mails().count == 1)
        #expect(log.lines("the mail server is unavailable").count == 1)
        #expect(log.lines("the mail server is available again").count == 1)
    }

    /// One that is refused for now, one for good, one that hangs: the good one arrives all the same.
    @Test func anInvalidMailBlocksNoOther() throws {
        let server = try SMTPServer()
        let worker = try worker(port: server.port, timeout: .milliseconds(300))
        let bad = [
            "later@example.com", "unknown@example.com", "slow@example.com", "rejected@example.com", "no address",
        ]
        for (index, recipient) in bad.enumerated() { try enqueue(index + 1, to: recipient) }
        try enqueue(9)

        try worker.start()
        try waitForEmptyQueue()
        worker.stop(within: .seconds(10))

        let address = "127.0.0.1:\(server.port)"
        #expect(try server.mails().map(\.recipients) == [["owner@example.com"]])
        #expect(
            try Set(deadReasons()) == [
                "mail server \(address) refused the mail: 550 5.1.1 no such mailbox",
                "mail server \(address) refused the mail: 554 5.7.1 not this one",
                "\"no address\" is not a supported mail address",
                "failed after 4 attempts: mail server \(address) refused the mail: 451 4.3.0 try again later",
                "failed after 4 attempts: mail server \(address) did not accept the mail within 300 ms",
            ])
    }

    /// A relay that wants a login: the mail is kept, and the log says once what the relay wants.
    @Test func aServerThatRefusesTheSenderKeepsTheMail() throws {
        let server = try RefusingSMTPServer("MAIL", "530 5.7.1 Authentication required")
        let worker = try worker(port: server.port, retryDelays: Array(repeating: .milliseconds(20), count: 10_000))
        try enqueue(1)

        try worker.start()
        try waitUntil("the mail is tried again") { log.lines("a mail was refused; it will be retried").count > 1 }
        worker.stop(within: .seconds(10))

        let outages = log.lines("the mail server is unavailable")
        #expect(outages.count == 1)
        #expect(
            outages.first?.metadata["error"]?.contains("530 5.7.1 Authentication required (it wants a login") == true)
        #expect(try deadReasons() == [])
    }

    @Test func anInvalidMailBecomesADeadLetter() throws {
        let server = try SMTPServer()
        let entry = QueueEntry(
            id: String(repeating: "b", count: 32), appID: 1, event: "integration.disabled",
            enqueuedAt: Timestamp(seconds: 0), payload: Array("{}".utf8))
        #expect(try redis.mailQueue().enqueue(entry) == .accepted(entry.id))
        let worker = try worker(port: server.port)

        try worker.start()
        try waitForEmptyQueue()
        worker.stop(within: .seconds(10))

        #expect(try deadReasons() == ["the entry is not a valid mail"])
    }

    /// The delays count from the attempt on, whatever the worker's clock says; only ever longer by the jitter.
    @Test func aMailIsTriedAgainAfterTheDelayAndNotBefore() throws {
        let server = try SMTPServer()
        let worker = try worker(
            port: server.port, retryDelays: [.milliseconds(300), .seconds(300)],
            clock: .frozen(at: Timestamp(seconds: 1_700_000_000)))
        let clock = ContinuousClock()
        let start = clock.now
        try enqueue(1, to: "later@example.com")
        let tries = { log.lines("a mail was refused; it will be retried") }

        try worker.start()
        try waitUntil("the second attempt is made") { tries().count == 2 }
        let elapsed = clock.now - start
        worker.stop(within: .seconds(10))

        let due = tries().map { Int64($0.metadata["due"] ?? "") ?? 0 }
        #expect(elapsed >= .milliseconds(300))
        #expect((1_700_000_000...1_700_000_001).contains(due[0]))
        #expect((1_700_000_300...1_700_000_330).contains(due[1]))
        #expect(try redis.mailQueue().statistics().scheduled == 1)
    }

    @Test func aRedisThatComesBackIsUsedAgain() throws {
        let directory = try TemporaryDirectory()
        let first = try RedisServer(directory: directory)
        let server = try SMTPServer()
        let endpoint = try RedisEndpoint(parsing: first.url)
        let worker = MailWorker(
            settings: MailWorkerSettings(
                consumer: "one", wait: .milliseconds(20), pauses: .milliseconds(10) ... .milliseconds(50)),
            makeConnection: { RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)) },
            mails: try AutoDisableMails(templatesDirectory: templates),
            smtp: try SMTPSettings(host: "127.0.0.1", port: server.port, encryption: .off),
            from: try MailAddress("hookline@example.org"), log: log.logger)
        try worker.start()
        first.process.send(signal: 9)
        _ = try first.process.waitForExit()
        try waitUntil("the worker sees that Redis is down") { !log.lines("the mail queue is unavailable").isEmpty }

        let second = try RedisServer(directory: directory)
        try waitUntil("the worker uses it again") { !log.lines("the mail queue is available again").isEmpty }
        let mail = QueuedMail(
            notice: AutoDisableNotice(
                kind: .warning(percent: 50), appName: "x", appSlug: "x", organizationSlug: "o",
                webhookURL: "", baseURL: ""), recipient: "owner@example.com", recipientName: "", messageID: "m")
        let entry = QueueEntry(
            id: String(repeating: "c", count: 32), appID: 1, event: "integration.warning",
            enqueuedAt: Timestamp(seconds: 0), payload: mail.bytes)
        #expect(try second.mailQueue().enqueue(entry) == .accepted(entry.id))
        try waitUntil("the mail is there") { try server.mails().count == 1 }
        worker.stop(within: .seconds(10))

        #expect(log.lines("the mail queue is unavailable").count == 1)
    }

    @Test func aWorkerThatWaitsForTheServerStopsInTimeAndLosesNothing() throws {
        let server = try SMTPServer()
        let worker = try worker(port: server.port)
        try enqueue(1, to: "slow@example.com")
        try worker.start()
        let queue = try redis.mailQueue()
        try waitUntil("the mail is running") { try queue.statistics().pending == 1 }

        let hasStopped = worker.stop(within: .milliseconds(50))

        #expect(!hasStopped)
        #expect(try queue.statistics().pending == 1)
    }

    @Test(arguments: [AutoDisableNotice.Kind.disabled, .warning(percent: 90)])
    func whatIsQueuedIsReadAgain(_ kind: AutoDisableNotice.Kind) throws {
        let mail = QueuedMail(
            notice: AutoDisableNotice(
                kind: kind, appName: "Ä \"x\"\n", appSlug: "x", organizationSlug: "acme",
                webhookURL: "https://user:sesame@hooks.example.com/", baseURL: "https://sentry.example.com",
                links: .dashboard, reason: "why"),
            recipient: "a@example.com", recipientName: "Ä", messageID: "m1")

        #expect(QueuedMail(bytes: mail.bytes) == mail)
        #expect(mail.notice.webhookURL == "https://hooks.example.com/")
        #expect(QueuedMail(bytes: Array("{}".utf8)) == nil)
        #expect(QueuedMail(bytes: Array(mail.bytes.dropLast())) == nil)
    }
}
