import Buffer
import Foundation
import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct EventResendTests {
    private let bench: DeliveryBench
    private var someone: Operator { bench.someone }

    init() throws {
        bench = try DeliveryBench()
    }

    /// What was queued: which event each sends again.
    private func originals() throws -> [String?] {
        try bench.queued().map { delivery in
            let payload = try #require(QueuedEvent(bytes: delivery.entry.payload))
            #expect(delivery.entry.originalID == payload.originalID)
            #expect(delivery.entry.id.utf8.count == 32)
            #expect(delivery.entry.attempt == 1 && delivery.entry.appID == 1)
            #expect(payload.projectID == 5 && payload.installationUUID == DeliveryBench.installation)
            return payload.originalID
        }
    }

    @Test func namedEventsBecomeNewOnesThatNameTheOriginalsTheirIdsArePrinted() throws {
        try bench.archive(count: 3)

        let dry = try someone.hookline("event", "resend", "e2", "e0", "--app", "radar", "--dry-run")
        let outcome = try someone.hookline("event", "resend", "e2", "e0", "--app", "radar")

        #expect(dry.output == "2 events would be sent again.\n")
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.split(separator: "\n").count == 2)
        #expect(try originals() == ["e2", "e0"])
    }

    @Test func whenOneOfTheNamedIsNotKeptNoneIsSent() throws {
        try bench.archive(count: 1)

        let outcome = try someone.hookline("event", "resend", "e0", "e9", "--app", "radar")

        #expect(outcome.status == 65)
        #expect(
            outcome.error == "hookline: the event \"e9\" of radar is not kept (any more): nothing was sent\n")
        #expect(try originals().isEmpty)
    }

    @Test func aWindowTakesWhatWasEnqueuedInItTheOldestFirst() throws {
        let now = Timestamp.now()
        try bench.archive(count: 250, now: now)

        let dry = try someone.hookline("event", "resend", "--app", "radar", "--since", "3d", "--dry-run")
        let part = try someone.hookline(
            "event", "resend", "--app", "radar", "--since",
            now.adding(seconds: -150 * 60).iso8601Description, "--until",
            now.adding(seconds: -148 * 60).iso8601Description, "--yes")

        #expect(dry.output == "250 events of radar would be sent again.\n")
        #expect(part.output == "2 events of radar sent again.\n")
        #expect(try originals() == ["e100", "e101"])
    }

    @Test func aWindowWithoutAnEndDoesNotSendAgainWhatItHasJustSent() throws {
        try bench.archive(count: 3)
        let outcome = try someone.hookline("event", "resend", "--app", "radar", "--since", "1h", "--yes")

        #expect(outcome.output == "3 events of radar sent again.\n")
        #expect(try originals().count == 3)
    }

    @Test func errorsOnlyAndNoMoreThanTheLimit() throws {
        try bench.archive(count: 10, failed: [2, 5, 7])

        let all = try someone.hookline(
            "event", "resend", "--app", "radar", "--since", "1h", "--errors-only", "--dry-run")
        let two = try someone.hookline(
            "event", "resend", "--app", "radar", "--since", "1h", "--errors-only", "--limit", "2", "--yes")

        #expect(all.output == "3 events of radar would be sent again.\n")
        #expect(two.output == "2 events of radar sent again.\n")
        #expect(try originals() == ["e2", "e5"])
    }

    @Test func aFullQueueStopsItAndItSaysWhereToGoOn() throws {
        try bench.archive(count: 5)
        let bound = ["HOOKLINE_QUEUE_MAX_DEPTH": "2"]

        let outcome = try someone.hookline(
            "event", "resend", "--app", "radar", "--since", "1h", "--yes", environment: bound)
        let first = try originals()
        let since = try #require(outcome.error.components(separatedBy: "--since ").last)
        let rest = try someone.hookline(
            "event", "resend", "--app", "radar", "--since", since.trimmingCharacters(in: .newlines), "--yes")

        #expect(outcome.status == 75)
        #expect(outcome.output == "2 events of radar sent again.\n")
        #expect(outcome.error.contains("stopped before the event e2"))
        #expect(first == ["e0", "e1"])
        #expect(rest.output == "3 events of radar sent again.\n")
        #expect(try originals() == ["e2", "e3", "e4"])
    }

    @Test func misuseIsRefusedBeforeAnythingIsSent() throws {
        try bench.archive(count: 1)
        func resend(_ arguments: String...) throws -> Int32 {
            let (status, _, _) = try ChildProcess.run(
                [try BuiltProducts.path("hookline"), "event", "resend", "--app", "radar"] + arguments,
                environment: ["HOOKLINE_DIRECTORY": "sqlite:\(someone.path)", "HOOKLINE_REDIS": bench.redis.url])
            guard case .exited(let code) = status else { throw TestSupportError("\(status)") }
            return code
        }

        #expect(try resend() == 64)
        #expect(try resend("--since", "1h") == 64)
        #expect(try resend("e0", "--since", "1h", "--yes") == 64)
        #expect(try resend("e0", "--errors-only") == 64)
        #expect(try resend("--since", "yesterday", "--yes") == 65)
        #expect(try resend("--since", "1h", "--until", "2h", "--yes") == 65)
        let notKept = try someone.hookline(
            "event", "resend", "e0", "--app", "radar", environment: ["HOOKLINE_PAYLOAD_SECONDS": "0"])
        #expect(notKept.status == 78)
        #expect(try originals().isEmpty)
    }

    @Test func anEventIsShownWithItsPayloadAndItsAttempts() throws {
        try bench.archive(count: 2)
        for (id, attempt, code) in [("e1", "1", "503"), ("e0", "1", "200"), ("e1", "2", "200")] {
            try someone.hookline(
                "log", "add", "radar", "--event", "issue.created", "--code", code, "--request-id", id, "--attempt",
                attempt, "--duration-ms", "7")
        }

        let text = try someone.hookline("event", "show", "e1", "--app", "radar").output
        let json = try JSONValue(parsing: someone.hookline("event", "show", "e1", "--app", "radar", "--json").output)
        let missing = try someone.hookline("event", "show", "e9", "--app", "radar")

        #expect(text.contains("installation  \(DeliveryBench.installation)\n"))
        #expect(text.contains("    \"number\": 1\n"))
        let rows = text.split(separator: "\n").suffix(3).map { $0.split(separator: " ").dropFirst().first }
        #expect(rows == ["ATTEMPT", "2", "1"])
        #expect(json["payload"]?["data"]?["number"]?.integer == 1)
        guard case .array(let attempts)? = json["attempts"] else { throw TestSupportError("no attempts") }
        #expect(attempts.map { $0["response_code"]?.integer } == [200, 503])
        #expect(missing.status == 65)
    }

    @Test func aDeadLettersPayloadIsShownWhenTheArchiveHasItNoMore() throws {
        let id = try #require(try bench.bury(count: 1).first)

        let outcome = try someone.hookline("event", "show", id, "--app", "radar")

        #expect(outcome.output.contains("4 attempts failed, the last with 503 ('hookline queue redrive \(id)')"))
        #expect(outcome.output.contains("\"id\": \"\(id)\""))
        #expect(outcome.output.contains("No attempt is in the log."))
    }
}
