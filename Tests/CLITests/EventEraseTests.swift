import Directory
import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

/// `hookline event erase`, and the audit entries of `hookline queue delete`.
@Suite struct EventEraseTests {
    private static let id = "0123456789abcdef0123456789abcdef"

    private let fixture: CommandFixture
    private var runner: CommandRunner { fixture.runner }

    init() throws {
        fixture = try CommandFixture()
    }

    private func enqueue(appID: Int64 = 1) throws {
        let entry = QueueEntry(id: Self.id, appID: appID, event: "issue.created", enqueuedAt: .now(), payload: [])
        #expect(try fixture.queue().enqueue(entry) == .accepted(Self.id))
    }

    private func erase(_ id: String = id, _ options: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(["event", "erase", id, "--app", "radar"] + options)
    }

    /// The data of the entries about an event.
    private func audit(_ event: String) throws -> [String] {
        let log = try runner.hookline("audit", "list", "--event", event, "--json").output
        return try log.split(separator: "\n").map { try JSONValue(parsing: String($0))["data"]?.compactText ?? "" }
    }

    @Test func whatWasErasedIsPrinted() throws {
        try enqueue()
        let waiting = try erase()
        try fixture.archive(count: 1)
        let archived = try erase("e0", "--json")
        let nothing = try erase()

        #expect(waiting.output == "Erased \(Self.id): its entry in the queue (waiting).\n")
        #expect(
            archived.output
                == #"{"request_id":"e0","queue":[],"payload":true,"details":0,"rows":0}"# + "\n")
        #expect(nothing.status == 65)
        #expect(
            nothing.error.contains("no such event of radar: \(Self.id) (not in the queue, no payload and no attempt)"))
        #expect(try fixture.queue().statistics().depth == 0)
        #expect(
            try audit("event-erased") == [
                #"{"name":"Radar","event":"e0"}"#, #"{"name":"Radar","event":"\#(Self.id)"}"#,
            ])
    }

    @Test func theRowsOfTheLogAreErased() throws {
        for id in [Self.id, String(Self.id.reversed())] {
            let added = try runner.hookline(
                "log", "add", "radar", "--event", "issue.created", "--code", "503", "--request-id", id)
            #expect(added.status == 0, "\(added.error)")
        }

        #expect(try erase().output == "Erased \(Self.id): 1 row.\n")
        #expect(try runner.hookline("log", "show", "radar", "--json").output.split(separator: "\n").count == 1)
    }

    @Test func anEventInProgressIsNotErased() throws {
        try enqueue()
        _ = try fixture.queue().receive(consumer: "test", count: 1)

        let outcome = try erase()

        #expect(outcome.status == 75)
        #expect(outcome.error.contains("a worker is sending \(Self.id): nothing was erased"))
        #expect(try audit("event-erased").isEmpty)
    }

    @Test func anotherAppsEventIsNotErased() throws {
        try enqueue(appID: 2)

        #expect(try erase().status == 65)
        #expect(try fixture.queue().statistics().waiting == 1)
        #expect(try runner.hookline("event", "erase", Self.id, "--app", "nope").status == 65)
    }

    @Test func anEmptyIdIsInvalidUsage() throws {
        let outcome = try erase("")

        #expect(outcome.status == 64)
        #expect(outcome.error.contains("the event's id is empty"))
    }

    @Test func withoutRedisTheStatusIs69() throws {
        fixture.redis.process.send(signal: 9)
        _ = try fixture.redis.process.waitForExit()

        let outcome = try erase()

        #expect(outcome.status == 69)
        #expect(outcome.error.contains("Nothing was erased"))
    }

    @Test func deletedDeadLettersAreInTheAuditLogOfEachOrganization() throws {
        try fixture.deadLetter(count: 3)
        try fixture.deadLetter(count: 1, appID: 99)

        #expect(try runner.hookline("queue", "delete", CommandFixture.letter(0)).status == 0)
        #expect(try runner.hookline("queue", "delete", CommandFixture.letter(0)).status == 65)
        #expect(try runner.hookline("queue", "delete", "--all", "--yes").output == "Deleted 3 dead letters.\n")

        #expect(
            try audit("dead-letters-deleted").sorted()
                == [
                    #"{"name":"Radar","count":1,"event":"\#(CommandFixture.letter(0))"}"#,
                    #"{"name":"Radar","count":2}"#,
                    #"{"name":"app 99","count":1}"#,
                ].sorted())
    }

    @Test func deadLettersAreNotDeletedWithoutAnAuditEntry() throws {
        try fixture.deadLetter(count: 1)

        let outcome = try runner.hookline(
            "queue", "delete", "--all", "--yes", "--directory", "sqlite:/dev/null/missing.db")

        #expect(outcome.status == 69)
        #expect(try fixture.queue().statistics().dead == 1)
    }
}
