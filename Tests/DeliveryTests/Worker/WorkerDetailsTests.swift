import Foundation
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

@testable import Delivery

/// Workers keep the request and the response of attempts beside the payload.
@Suite
struct WorkerDetailsTests {
    private let fixture: WorkerFixture
    private let archive: PayloadArchive

    init() throws {
        fixture = try WorkerFixture()
        archive = PayloadArchive(connection: try fixture.server.workerConnection())
    }

    /// A worker whose settings keep all details, if `change` says nothing else.
    private func worker(_ change: (inout DeliveryWorkerSettings) -> Void = { _ in }) throws -> DeliveryWorker {
        try fixture.worker {
            $0.archive = ArchiveLimits()
            $0.sender.keptHeaderLimit = HeaderList.byteLimit
            $0.policy.details = .all
            change(&$0)
        }
    }

    /// What is kept of an event for app 1, newest first, after all its attempts.
    private func deliver(_ change: (inout DeliveryWorkerSettings) -> Void = { _ in }) throws -> [AttemptDetails] {
        let worker = try worker(change)
        let id = try fixture.enqueue(app: 1)
        try fixture.waitUntilEmpty()
        #expect(worker.stop(within: .zero).unsettled == 0)
        return try archive.record(id: id, appID: 1).attempts
    }

    private func addApp(_ response: String) throws -> RawReceiver {
        let receiver = try RawReceiver(response)
        fixture.addApp(1, status: .internal)
        fixture.directory.apps[0].webhookURL = receiver.url()
        return receiver
    }

    @Test func aSuccessIsKeptWithHeadersAndBodiesAndWithoutSecrets() throws {
        let receiver = try addApp(
            "HTTP/1.1 200 OK\r\nServer: test\r\nset-cookie: id=hidden-1\r\nSET-COOKIE: hidden-2\r\n"
                + "X-Api-Key: hidden-3\r\nX-Csrf-Token: hidden-4\r\nClient-Secret: hidden-5\r\n"
                + "Authorization: hidden-6\r\nWWW-Authenticate: Basic\r\nContent-Length: 5\r\n\r\nhello")
        fixture.directory.apps[0].customHeaders = [.init(name: "X-Own", value: Secret("hidden-7"))]

        let details = try #require(try deliver().first)

        let mask = WebhookHeaders.mask
        let response = try #require(details.response)
        #expect(
            response.headers.headers.map { "\($0.name): \($0.value)" }
                == [
                    "Server: test", "set-cookie: \(mask)", "SET-COOKIE: \(mask)", "X-Api-Key: \(mask)",
                    "X-Csrf-Token: \(mask)", "Client-Secret: \(mask)", "Authorization: \(mask)",
                    "WWW-Authenticate: Basic", "Content-Length: 5",
                ])
        #expect(response.status == 200 && response.body == Array("hello".utf8))
        #expect(!response.isBodyCut && !response.headers.isCut)
        #expect(details.requestHeaders.headers.first == HeaderList.Header("X-Own", mask))
        #expect(details.requestHeaders.headers.contains { $0.name == "webhook-signature" })
        #expect(details.attempt == 1 && details.code == 200 && details.url == receiver.url())
        #expect(details.reason == nil && details.durationMilliseconds != nil)
        let stored = try fixture.server.command("HGETALL", key(1))
        #expect(!stored.contains("hidden"))
        // The row is that of a success.
        #expect(try fixture.column("request_headers", app: 1) == ["-"])
    }

    private func key(_ event: Int) -> String { "hookline:{app:1}:event:" + String(format: "%032x", event) }

    struct Case: Sendable {
        var setting: DeliveryPolicy.Details?
        var policy: DeliveryPolicyName
        var status: Int
        var count: Int
    }

    @Test(arguments: [
        Case(setting: nil, policy: .sentry, status: 200, count: 0),
        Case(setting: nil, policy: .sentry, status: 500, count: 1),
        Case(setting: nil, policy: .standard, status: 200, count: 1),
        Case(setting: .failures, policy: .standard, status: 200, count: 0),
        Case(setting: .failures, policy: .standard, status: 400, count: 1),
        Case(setting: .failures, policy: .sentry, status: 302, count: 1),
        Case(setting: .all, policy: .sentry, status: 200, count: 1),
    ])
    func thePolicyOrTheSettingSaysWhichAreKept(_ item: Case) throws {
        fixture.addApp(1, "/status/\(item.status)", status: .internal)

        let kept = try deliver {
            var chosen = DeliveryPolicy(item.policy)
            chosen.retry.delays = []
            if let setting = item.setting { chosen.details = setting }
            $0.policies = DeliveryPolicies(chosen)
        }

        #expect(kept.count == item.count)
        #expect(kept.allSatisfy { $0.response?.status == item.status })
    }

    @Test func everyAttemptIsKept() throws {
        fixture.addApp(1, "/status/503")

        let kept = try deliver()

        #expect(kept.map(\.attempt) == [4, 3, 2, 1])
        #expect(kept.allSatisfy { $0.response?.body == Array("status 503".utf8) })
        #expect(Set(kept.map(\.date)).count == 4)
        let rows = try fixture.column("date", app: 1)
        #expect(rows == kept.map(\.date.pythonDescription))
    }

    @Test func anAttemptWithoutAResponseIsKeptWithItsReason() throws {
        fixture.addApp(1, "/hang", status: .internal)

        let kept = try deliver { $0.plan.timeout = .milliseconds(300) }

        #expect(kept.map(\.reason) == ["timeout"])
        #expect(kept.first?.response == nil && kept.first?.code == 0)
        #expect(kept.first?.requestHeaders.headers.contains { $0.name == "Request-ID" } == true)
    }

    @Test func aRedirectIsKeptWithItsTarget() throws {
        fixture.addApp(1, "/redirect?https://other.test/", status: .internal)

        let kept = try #require(try deliver().first)

        #expect(kept.reason == "redirect" && kept.response?.status == 302)
        #expect(kept.response?.headers.headers.contains(.init("Location", "https://other.test/")) == true)
    }

    @Test func hostileResponsesAreKeptWithinTheLimits() throws {
        let many = (0..<2000).map { "X-Header-\($0): \($0)\r\n" }.joined()
        let receiver = try addApp(
            "HTTP/1.1 200 OK\r\nX-Control: a\u{1}\u{1B}[2Jb\r\nX-Wide: \u{202E}é\r\n: nameless\r\n" + many
                + "Content-Length: \(1 << 20)\r\n\r\n" + String(repeating: "\u{0}é", count: 1 << 19))

        let details = try #require(try deliver { $0.detailsBytes = 1000 }.first)

        _ = receiver
        let response = try #require(details.response)
        #expect(response.headers.isCut && response.headers.headers.count < 300)
        #expect(response.headers.headers.contains(.init("X-Control", "a\u{1}\u{1B}[2Jb")))
        #expect(response.headers.headers.contains(.init("X-Wide", "\u{202E}é")))
        #expect(response.isBodyCut && response.body.count == 1000)
        #expect(
            String(decoding: response.shownBody, as: UTF8.self) == String(repeating: "\u{0}é", count: 333) + "\u{0}")
        #expect(try fixture.server.integer("HSTRLEN", key(1), "attempt:\(details.date.microseconds)") < 16_000)
    }

    @Test func headersOfInterimResponsesAndTrailersAreNotKept() throws {
        let receiver = try addApp(
            "HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Late: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nok\r\n0\r\nX-Trailer: 3\r\n\r\n")

        let details = try #require(try deliver().first)

        _ = receiver
        #expect(details.response?.headers.headers.map(\.name) == ["X-Late", "Transfer-Encoding"])
        #expect(details.response?.body == Array("ok".utf8))
    }

    @Test func withoutAnArchiveNothingIsKept() throws {
        fixture.addApp(1)

        #expect(try deliver { $0.archive = nil } == [])
        #expect(try fixture.server.integer("EXISTS", "hookline:{app:1}:event-bytes") == 0)
    }
}
