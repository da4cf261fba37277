import Buffer
import Directory
import Foundation
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import Delivery

/// A worker with circuit breakers.
@Suite
struct CircuitBreakerDeliveryTests {
    private let fixture: WorkerFixture

    init() throws {
        fixture = try WorkerFixture()
        fixture.addApp(1, "/scripted")
        fixture.addApp(2, "/status/204")
        fixture.directory.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        fixture.receiver.answer(with: 500)
    }

    /// Opens after three failures, for two seconds.
    private func worker(breakerRedis: String? = nil) throws -> DeliveryWorker {
        try fixture.worker(breakerRedis: breakerRedis) { settings in
            settings.policy.retry.delays = []
            settings.policy.breaker = CircuitBreakerSettings(
                windowSeconds: 100, openSeconds: 2, floor: 3, errors: .failures)
            settings.policy.following.remove(.breaker)
        }
    }

    private static let opening = "the circuit breaker of an app has opened: it gets no webhooks for a while"

    @Test func anAppWhoseWebhooksFailGetsTheNextOnesWhenItsBreakerCloses() throws {
        let worker = try worker()
        for _ in 1...3 { try fixture.enqueue(app: 1) }
        try waitUntil("it is open") { fixture.log.count(Self.opening) == 1 }
        fixture.receiver.answer(with: 200)

        let held = try [fixture.enqueue(app: 1), fixture.enqueue(app: 1)]
        try fixture.enqueue(app: 2)
        try waitUntil("both have a row") {
            let blocked = try fixture.rows(app: 1).filter { $0["reason"]?.string == "breaker-open" }
            return Set(blocked.compactMap { $0["request_id"]?.string }) == Set(held)
        }
        try waitUntil("another app gets its webhooks") { fixture.receiver.received("/status/204").count == 1 }
        try fixture.waitUntilEmpty()

        #expect(fixture.receiver.received("/scripted").count == 5)
        let rows = try fixture.rows(app: 1)
        #expect(try fixture.column("response_code", app: 1).filter { $0 == "200" }.count == 2)
        #expect(rows.filter { $0["response_code"]?.integer == 200 }.allSatisfy { $0["attempt"]?.integer == 1 })
        #expect(fixture.metrics["breaker"] == 1)
        // Neither a retry nor a failure of the app.
        #expect(fixture.metrics["retry"] == 0)
        #expect(fixture.metrics["processed issue.created"] == 6)
        // They say nothing about the app: the failures that opened the breaker stay.
        #expect(try fixture.rows(app: 1, errorsOnly: true).allSatisfy { $0["reason"]?.string != "breaker-open" })
        #expect(!fixture.metrics.names.contains { $0.contains("breaker-open") })
        #expect(rows.filter { $0["reason"]?.string == "breaker-open" }.allSatisfy { $0["response_code"]?.integer == 0 })
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    /// A redelivery of what failed must not send an event that still waits.
    @Test func whatIsHeldIsNoFailedEventOfTheArchive() throws {
        let worker = try fixture.worker { settings in
            settings.archive = ArchiveLimits()
            settings.policy.retry.delays = []
            settings.policy.breaker = CircuitBreakerSettings(
                windowSeconds: 100, openSeconds: 60, floor: 3, errors: .failures)
            settings.policy.following.remove(.breaker)
        }
        let failed = try (1...3).map { _ in try fixture.enqueue(app: 1) }
        try waitUntil("it is open") { fixture.log.count(Self.opening) == 1 }
        try fixture.enqueue(app: 1)
        try waitUntil("it is held") {
            try fixture.rows(app: 1).contains { $0["reason"]?.string == "breaker-open" }
        }

        let archive = PayloadArchive(connection: try fixture.server.testConnection(), limits: ArchiveLimits())
        let found = try archive.events(ArchiveQuery(appID: 1, errorsOnly: true), now: .now()).events.map(\.id)

        #expect(found.sorted() == failed.sorted())
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    /// Another worker has taken the mail, or will.
    @Test func aFailureToClaimTheMailLeavesTheClaimOfAnother() throws {
        let redis = try RedisServer()
        let claim = "sentry-app.webhook.circuit-breaker.notified.app-1"
        try redis.command("SET", claim, "1")
        try redis.command("ACL", "SETUSER", "default", "-expire", "(+expire ~sliding-window-rate-limit:*)")
        let worker = try worker(breakerRedis: redis.url)

        for _ in 1...3 { try fixture.enqueue(app: 1) }

        try waitUntil("the claim has failed") {
            fixture.log.count("the owners of an app could not be told that its circuit breaker has opened") == 1
        }
        #expect(try redis.command("GET", claim).contains("1"))
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    /// As in the original, where those are sent by another part.
    @Test func webhooksAboutTheInstallationAreNeitherCountedNorHeld() throws {
        let worker = try worker()
        for _ in 1...5 { try fixture.enqueue(app: 1, "installation.created") }
        try fixture.waitUntilEmpty()
        #expect(fixture.log.count(Self.opening) == 0)
        for _ in 1...3 { try fixture.enqueue(app: 1) }
        try waitUntil("it is open") { fixture.log.count(Self.opening) == 1 }

        try fixture.enqueue(app: 1, "installation.created")

        try waitUntil("it is sent") { fixture.receiver.received("/scripted").count == 9 }
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aSoftTimeoutIsNoErrorUnlessAllFailuresAre() throws {
        var attempt = try attempt(.failed(.timeout, detail: ""))
        attempt.result.isSoftTimeout = true

        #expect(attempt.circuitResult(.hardTimeout) == nil)
        #expect(attempt.circuitResult(.failures) == .error)
    }

    @Test func withoutItsRedisEveryBreakerIsClosed() throws {
        let worker = try worker(breakerRedis: "unix:/nonexistent/redis.sock")

        for _ in 1...5 { try fixture.enqueue(app: 1) }
        try fixture.waitUntilEmpty()

        #expect(fixture.receiver.received("/scripted").count == 5)
        #expect(fixture.log.count("circuit breakers cannot be read or counted: they count as closed") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    /// The plan of file descriptors counts on it.
    @Test func theyNeedNoFurtherConnectionsToTheSameRedis() throws {
        func clientCount() throws -> Int {
            try fixture.server.command("CLIENT", "LIST").components(separatedBy: "id=").count
        }
        let without = try fixture.worker("none")
        try fixture.enqueue(app: 2)
        try fixture.waitUntilEmpty()
        let before = try clientCount()
        #expect(without.stop(within: .seconds(5)).unsettled == 0)
        try waitUntil("its connections are closed") { try clientCount() < before }

        let worker = try worker()
        try fixture.enqueue(app: 2)
        try fixture.waitUntilEmpty()

        #expect(try clientCount() <= before)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test(arguments: CircuitBreakerSettings.Errors.allCases)
    func whatCountsAsAnErrorIsASetting(errors: CircuitBreakerSettings.Errors) throws {
        var results: [String: FinishedAttempt.CircuitResult] = [:]
        for status in [200, 302, 404, 410, 429, 500, 503] {
            results["\(status)"] = try attempt(.response(ReceivedResponse(status: status))).circuitResult(errors)
        }
        for failure in SendFailure.allCases {
            results[failure.rawValue] = try attempt(.failed(failure, detail: "")).circuitResult(errors)
        }

        let counted: [String: FinishedAttempt.CircuitResult] =
            switch errors {
            case .hardTimeout:
                [
                    "200": .success, "302": .success, "404": .success, "410": .success, "429": .success,
                    "500": .success, "503": .success, "timeout": .error,
                ]
            case .failures:
                [
                    "200": .success, "302": .error, "404": .error, "410": .error, "429": .error, "500": .error,
                    "503": .error, "timeout": .error, "connection": .error, "dns": .error, "tls": .error,
                    "protocol": .error,
                ]
            }
        #expect(results == counted)
    }

    private func attempt(_ outcome: SendResult.Outcome) throws -> FinishedAttempt {
        try WebhookFixture().attempt(outcome)
    }
}
