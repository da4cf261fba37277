import Buffer
import Foundation
import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct EventRedeliverTests {
    private let fixture: CommandFixture
    private var runner: CommandRunner { fixture.runner }

    init() throws {
        fixture = try CommandFixture()
    }

    /// What was queued: which event each sends again.
    private func originals() throws -> [String?] {
        try fixture.queued().map { delivery in
            let payload = try #require(QueuedEvent(bytes: delivery.entry.payload))
            #expect(delivery.entry.originalID == payload.originalID)
            #expect(delivery.entry.id.utf8.count == 32)
            #expect(delivery.entry.attempt == 1 && delivery.entry.appID == 1)
            #expect(payload.projectID == 5 && payload.installationUUID == CommandFixture.installation)
            return payload.originalID
        }
    }

    @Test func redeliveredEventsAreNewOnesWithTheOriginalsIds() throws {
        try fixture.archive(count: 3)

        let dry = try runner.hookline("event", "redeliver", "e2", "e0", "--app", "radar", "--dry-run")
        let outcome = try runner.hookline("event", "redeliver", "e2", "e0", "--app", "radar")

        #expect(dry.output == "2 events would be redelivered.\n")
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.split(separator: "\n").count == 2)
        #expect(try originals() == ["e2", "e0"])
    }

    @Test func whenOneEventIsNotStoredNoneIsRedelivered() throws {
        try fixture.archive(count: 1)

        let outcome = try runner.hookline("event", "redeliver", "e0", "e9", "--app", "radar")

        #expect(outcome.status == 65)
        #expect(
            outcome.error == "hookline: no stored event of radar: e9. Nothing was redelivered\n")
        #expect(try originals().isEmpty)
    }

    @Test func nothingIsRedeliveredToADisabledApp() throws {
        try fixture.archive(count: 2)
        #expect(try runner.hookline("app", "disable", "radar", "--reason", "test").status == 0)

        let one = try runner.hookline("event", "redeliver", "e0", "--app", "radar")
        let range = try runner.hookline("event", "redeliver", "--app", "radar", "--since", "1h", "--yes")

        #expect([one.status, range.status] == [65, 65])
        #expect(range.error.contains("the app \"radar\" is disabled; enable it first"))
        #expect(try originals().isEmpty)
    }

    @Test func theFormerNameOfTheCommandIsAccepted() throws {
        try fixture.archive(count: 2)

        let outcome = try runner.hookline("event", "resend", "--app", "radar", "--since", "1h", "--yes")

        #expect(outcome.output == "2 events of radar redelivered.\n")
        #expect(try originals() == ["e0", "e1"])
    }

    @Test func aTimeRangeIncludesTheEventsEnqueuedInItOldestFirst() throws {
        let now = Timestamp.now()
        try fixture.archive(count: 250, now: now)

        let dry = try runner.hookline("event", "redeliver", "--app", "radar", "--since", "3d", "--dry-run")
        let part = try runner.hookline(
            "event", "redeliver", "--app", "radar", "--since",
            now.adding(seconds: -150 * 60).iso8601Description, "--until",
            now.adding(seconds: -148 * 60).iso8601Description, "--yes")

        #expect(dry.output == "250 events of radar would be redelivered.\n")
        #expect(part.output == "2 events of radar redelivered.\n")
        #expect(try originals() == ["e100", "e101"])
    }

    @Test func aTimeRangeWithoutAnEndDoesNotIncludeTheNewEvents() throws {
        try fixture.archive(count: 3)
        let outcome = try runner.hookline("event", "redeliver", "--app", "radar", "--since", "1h", "--yes")

        #expect(outcome.output == "3 events of radar redelivered.\n")
        #expect(try originals().count == 3)
    }

    @Test func aTimeRangeCanBeLimitedToErrorsAndToACount() throws {
        try fixture.archive(count: 10, failed: [2, 5, 7])

        let all = try runner.hookline(
            "event", "redeliver", "--app", "radar", "--since", "1h", "--errors-only", "--dry-run")
        let two = try runner.hookline(
            "event", "redeliver", "--app", "radar", "--since", "1h", "--errors-only", "--limit", "2", "--yes")

        #expect(all.output == "3 events of radar would be redelivered.\n")
        #expect(two.output == "2 events of radar redelivered.\n")
        #expect(try originals() == ["e2", "e5"])
    }

    @Test func failedEventsAreRedeliveredOnceUntilTheyFailAgain() throws {
        try fixture.archive(count: 4, failed: [1, 2])
        let redeliver = {
            try runner.hookline("event", "redeliver", "--app", "radar", "--since", "1h", "--errors-only", "--yes")
        }

        let first = try redeliver()
        let second = try redeliver()
        let copies = try fixture.queued().map(\.entry)
        let archive = PayloadArchive(connection: try fixture.connection())
        let outcomes = copies.map { entry in
            ArchiveEntry(
                event: ArchivedEvent(
                    id: entry.id, appID: 1, event: entry.event, enqueuedAt: entry.enqueuedAt, payload: entry.payload),
                isError: entry.originalID == "e2", isNew: true, originalID: entry.originalID)
        }
        try archive.store(outcomes, now: .now())
        let third = try redeliver()

        #expect(first.output == "2 events of radar redelivered.\n")
        #expect(second.output == "0 events of radar redelivered, 2 queued before.\n")
        #expect(copies.map(\.originalID) == ["e1", "e2"])
        #expect(third.output == "1 event of radar redelivered.\n")
        #expect(try originals() == ["e2"])
    }

    @Test func aRedeliveryOfARedeliveryRefersToTheFirstEvent() throws {
        try fixture.archive(count: 1)
        try runner.hookline("event", "redeliver", "e0", "--app", "radar")
        let copy = try #require(try fixture.queued().first?.entry)
        let archive = PayloadArchive(connection: try fixture.connection())
        let event = ArchivedEvent(
            id: copy.id, appID: 1, event: copy.event, enqueuedAt: copy.enqueuedAt, payload: copy.payload)
        try archive.store([ArchiveEntry(event: event, isError: true, isNew: true, originalID: "e0")], now: .now())

        try runner.hookline("event", "redeliver", copy.id, "--app", "radar")

        #expect(try originals() == ["e0"])
    }

    @Test func aFullQueueStopsTheRedeliveryWhereItCanContinue() throws {
        try fixture.archive(count: 5)
        let bound = ["HOOKLINE_QUEUE_MAX_DEPTH": "2"]

        let outcome = try runner.hookline(
            "event", "redeliver", "--app", "radar", "--since", "1h", "--yes", environment: bound)
        let first = try originals()
        let since = try #require(outcome.error.components(separatedBy: "--since ").last)
        let remaining = try runner.hookline(
            "event", "redeliver", "--app", "radar", "--since", since.trimmingCharacters(in: .newlines), "--yes")

        #expect(outcome.status == 75)
        #expect(outcome.output == "2 events of radar redelivered.\n")
        #expect(outcome.error.contains("stopped before event e2"))
        #expect(first == ["e0", "e1"])
        #expect(remaining.output == "3 events of radar redelivered.\n")
        #expect(try originals() == ["e2", "e3", "e4"])
    }

    @Test func invalidUsageRedeliversNothing() throws {
        try fixture.archive(count: 1)
        func redeliver(_ arguments: String...) throws -> Int32 {
            let (status, _, _) = try ChildProcess.run(
                [try BuiltProducts.path("hookline"), "event", "redeliver", "--app", "radar"] + arguments,
                environment: ["HOOKLINE_DIRECTORY": "sqlite:\(runner.path)", "HOOKLINE_REDIS": fixture.redis.url])
            guard case .exited(let code) = status else { throw TestSupportError("\(status)") }
            return code
        }

        #expect(try redeliver() == 64)
        #expect(try redeliver("--since", "1h") == 64)
        #expect(try redeliver("e0", "--since", "1h", "--yes") == 64)
        #expect(try redeliver("e0", "--errors-only") == 64)
        #expect(try redeliver("--since", "yesterday", "--yes") == 65)
        #expect(try redeliver("--since", "1h", "--until", "2h", "--yes") == 65)
        let notKept = try runner.hookline(
            "event", "redeliver", "e0", "--app", "radar", environment: ["HOOKLINE_PAYLOAD_SECONDS": "0"])
        #expect(notKept.status == 78)
        #expect(try originals().isEmpty)
    }

    @Test func anEventIsShownWithItsPayloadAndItsAttempts() throws {
        try fixture.archive(count: 2)
        for (id, attempt, code) in [("e1", "1", "503"), ("e0", "1", "200"), ("e1", "2", "200")] {
            try runner.hookline(
                "log", "add", "radar", "--event", "issue.created", "--code", code, "--request-id", id, "--attempt",
                attempt, "--duration-ms", "7")
        }

        let text = try runner.hookline("event", "show", "e1", "--app", "radar").output
        let json = try JSONValue(parsing: runner.hookline("event", "show", "e1", "--app", "radar", "--json").output)
        let missing = try runner.hookline("event", "show", "e9", "--app", "radar")

        #expect(text.contains("installation  \(CommandFixture.installation)\n"))
        #expect(text.contains("    \"number\": 1\n"))
        let rows = text.split(separator: "\n").suffix(3).map { $0.split(separator: " ").dropFirst().first }
        #expect(rows == ["ATTEMPT", "2", "1"])
        #expect(json["payload"]?["data"]?["number"]?.integer == 1)
        guard case .array(let attempts)? = json["attempts"] else { throw TestSupportError("no attempts") }
        #expect(attempts.map { $0["response_code"]?.integer } == [200, 503])
        #expect(missing.status == 65)
    }

    /// As a Sentry 26.9 writes them: each attempt has a request id of its own.
    @Test func attemptsWithTheSameIdempotencyKeyAreThoseOfOneEvent() throws {
        let row = { (id: String, code: Int, second: Int, key: String) in
            #"{"date":"2026-01-02 03:04:0\#(second).500000+00:00","response_code":\#(code),"#
                + #""webhook_url":"https://example.com/","request_id":"\#(id)"\#(key)}"#
        }
        let key = #","idempotency_key":"k1""#
        let rows = [
            row("a1", 503, 1, key), row("a2", 200, 2, key), row("b1", 200, 3, #","idempotency_key":"k2""#),
            row("c1", 200, 4, ""), row("c2", 200, 5, ""),
        ]
        try fixture.redis.push(rows, to: "sentry-app-webhook-request:{1}:issue.created")
        // What failed is in both lists; an older failure is only in that of errors.
        try fixture.redis.push(
            [row("a0", 500, 0, key), rows[0]], to: "sentry-app-webhook-error:{1}:issue.created")
        let codes = { (id: String) throws -> [Int64?] in
            let outcome = try runner.hookline("event", "show", id, "--app", "radar", "--json")
            guard case .array(let attempts)? = try JSONValue(parsing: outcome.output)["attempts"] else { return [] }
            return attempts.map { $0["response_code"]?.integer }
        }

        #expect(try codes("a1") == [200, 503, 500])
        #expect(try codes("a2") == [200, 503, 500])
        #expect(try codes("b1") == [200])
        // None is no key.
        #expect(try codes("c1") == [200])
        let table = try runner.hookline("event", "show", "a1", "--app", "radar").output
        #expect(table.contains("03:04:02Z") && table.contains("03:04:01Z") && table.contains("03:04:00Z"))
    }

    @Test func aDeadLettersPayloadIsShownWithoutAnArchivedOne() throws {
        let id = try #require(try fixture.deadLetter(count: 1).first)

        let outcome = try runner.hookline("event", "show", id, "--app", "radar")

        #expect(outcome.output.contains("4 attempts failed, the last with 503 ('hookline queue redrive \(id)')"))
        #expect(outcome.output.contains("\"id\": \"\(id)\""))
        #expect(outcome.output.contains("The log has no attempts."))
    }
}
