import Buffer
import Foundation
import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct EventSendTests {
    private let fixture: CommandFixture
    private var runner: CommandRunner { fixture.runner }
    private let uuid = CommandFixture.installation

    init() throws {
        fixture = try CommandFixture()
    }

    @Test func anEventIsInTheQueueWhenItsIdIsPrinted() throws {
        let outcome = try runner.hookline(
            "event", "send", uuid, "issue.created", "--data", #"{"issue": {"id": "1"}}"#, "--actor",
            #"{"type": "user", "id": 3, "name": "Ann"}"#, "--project", "web")

        #expect(outcome.status == 0, "\(outcome.error)")
        let entry = try #require(try fixture.queued().first).entry
        #expect(outcome.output == entry.id + "\n")
        #expect(entry.id.utf8.count == 32 && entry.appID == 1 && entry.event == "issue.created" && entry.attempt == 1)
        let payload = try #require(QueuedEvent(bytes: entry.payload))
        #expect(payload.installationUUID == uuid && payload.projectID == 5 && payload.originalID == nil)
        #expect(payload.data["issue"]?["id"]?.string == "1")
        #expect(payload.actor?["name"]?.string == "Ann")
    }

    /// Also from a file of events.
    @Test func dataIsEnqueuedAsItIsWritten() throws {
        let data = #"{"b":[1.50,1E5],"\ud800":"\u0041\/","b":"\udfff"}"#
        let actor = #"{"type":"user","id":"\udc00","name":"é"}"#
        let file = try runner.folder.write(
            #"{"installation": "\#(uuid)", "event": "issue.created", "data": \#(data) , "actor": \#(actor)}"#,
            to: "events.jsonl")

        let one = try runner.hookline("event", "send", uuid, "issue.created", "--data", data + " ", "--actor", actor)
        let many = try runner.hookline("event", "send", "--from", file)

        #expect(one.status == 0 && many.status == 0, "\(one.error)\(many.error)")
        let expected =
            #"{"event":"issue.created","installation":"\#(uuid)","data":\#(data),"#
            + #""actor":{"type":"user","id":"\udc00","name":"\u00e9"}}"#
        let payloads = try fixture.queued().map { String(decoding: $0.entry.payload, as: UTF8.self) }
        #expect(payloads == [expected, expected])
    }

    @Test func dataComesFromAnOptionAFileOrStandardInput() throws {
        let file = try runner.folder.write(#"{"from": "file"}"#, to: "data.json")

        let fromFile = try runner.hookline("event", "send", uuid, "issue.created", "--data", "@\(file)", "--json")
        let fromInput = try runner.hookline(
            "event", "send", uuid, "issue.created", "--data", "-", input: #"{"from": "input"}"#)
        let missing = try runner.hookline("event", "send", uuid, "issue.created", "--data", "@/nowhere")

        let result = try JSONValue(parsing: fromFile.output)
        #expect(result["repeated"] == .bool(false))
        #expect(fromInput.status == 0)
        let sent = try fixture.queued().map { try #require(QueuedEvent(bytes: $0.entry.payload)).data["from"]?.string }
        #expect(sent == ["file", "input"])
        #expect(missing.status == 65)
        #expect(missing.error.hasPrefix("hookline: --data: cannot read /nowhere"))
    }

    @Test func anInvalidEventIsReportedAndNotEnqueued() throws {
        func send(_ arguments: String...) throws -> CommandRunner.Outcome {
            let (status, output, error) = try ChildProcess.run(
                [try BuiltProducts.path("hookline"), "event", "send"] + arguments,
                environment: [
                    "HOOKLINE_DIRECTORY": "sqlite:\(runner.path)", "HOOKLINE_REDIS": fixture.redis.url,
                    "HOOKLINE_MAX_EVENT_BYTES": "1024",
                ])
            guard case .exited(let code) = status else { throw TestSupportError("\(status)") }
            return CommandRunner.Outcome(status: code, output: output, error: error)
        }
        let large = "{\"a\": \"\(String(repeating: "x", count: 20_000))\"}"

        let cases = [
            (
                try send(uuid, "issue.deleted"),
                "unknown event issue.deleted; HOOKLINE_EVENTS allows: issue.created, issue.resolved, "
            ),
            (try send("nowhere", "issue.created"), "installation: no such installation: nowhere"),
            (try send(uuid, "issue.created", "--data", "[]"), "data: Must be an object, not an array."),
            (try send(uuid, "issue.created", "--data", "{"), "--data: is not JSON"),
            (try send(uuid, "issue.created", "--data", large), "--data: is not JSON"),
            (
                try send(uuid, "issue.created", "--actor", "1"),
                "actor: Must be an object with type, id and name, not a number."
            ),
            (
                try send(uuid, "issue.created", "--project", "none"),
                "project: no such project in the installation's organization"
            ),
            (
                try send(uuid, "issue.created", "--project", "6"),
                "project: no such project in the installation's organization"
            ),
            (try send(uuid, "issue.created", "--idempotency-key", ""), "idempotency_key: Must be 1 to 255"),
        ]

        for (outcome, text) in cases {
            #expect(outcome.status == 65)
            #expect(outcome.error.hasPrefix("hookline: \(text)"), "\(outcome.error)")
            #expect(outcome.output.isEmpty)
        }
        #expect(try fixture.queued().isEmpty)
        #expect(try send(uuid).status == 64)
    }

    @Test func aDuplicateKeyEnqueuesNothingAndPrintsTheFirstId() throws {
        let first = try runner.hookline("event", "send", uuid, "issue.created", "--idempotency-key", "k")
        let second = try runner.hookline("event", "send", uuid, "issue.created", "--idempotency-key", "k")

        #expect(second.status == 0)
        #expect(second.output == first.output)
        #expect(second.error == "hookline: duplicate idempotency key: nothing was enqueued\n")
        #expect(try fixture.queued().count == 1)
    }

    @Test func aKeyIsTheSameOverTheAPIAndHere() throws {
        let key = IdempotencyKey("k", scope: .installation(id: 1))
        let entry = QueueEntry(
            id: EventIDSource.random.next(), appID: 1, event: "issue.created", enqueuedAt: .now(), payload: [])
        guard case .accepted(let id) = try fixture.queue().enqueue(entry, idempotencyKey: key) else {
            throw TestSupportError("not accepted")
        }

        let repeated = try runner.hookline("event", "send", uuid, "issue.created", "--idempotency-key", "k")

        #expect(repeated.output == id + "\n")
        #expect(try fixture.queued().count == 1)
    }

    @Test func allProblemsOfAnEventAreReportedTogether() throws {
        let outcome = try runner.hookline(
            "event", "send", uuid, "issue.deleted", "--data", "[]", "--actor", #"{"type": "user", "id": 1}"#)

        #expect(outcome.status == 65)
        #expect(
            outcome.error
                == "hookline: data: Must be an object, not an array. actor: The name must be a string. "
                + EventCatalogue.version23Dot7.unknownEvent("issue.deleted") + "\n")
    }

    @Test func aDeletedInstallationAcceptsOnlyTheEventOfItsDeletion() throws {
        let fixture = try CommandFixture(installation: #", "date_deleted": "2024-02-03T04:05:06Z""#)

        let deletion = try fixture.runner.hookline("event", "send", uuid, "installation.deleted")
        let other = try fixture.runner.hookline("event", "send", uuid, "issue.created")

        #expect(deletion.status == 0, "\(deletion.error)")
        #expect(other.status == 65)
        #expect(other.error.hasPrefix("hookline: installation: \"\(uuid)\" is deleted"))
        #expect(try fixture.queued().map(\.entry.event) == ["installation.deleted"])
    }

    @Test func aFullQueueIsExitStatus75() throws {
        let bound = ["HOOKLINE_QUEUE_MAX_DEPTH": "1"]
        let first = try runner.hookline("event", "send", uuid, "issue.created", environment: bound)
        let second = try runner.hookline("event", "send", uuid, "issue.created", environment: bound)

        #expect([first.status, second.status] == [0, 75])
        #expect(second.output.isEmpty)
        #expect(second.error.hasPrefix("hookline: the queue is full (1 of at most 1)"))
    }

    @Test func anAppThatHasItsShareOfTheQueueIsExitStatus75AndTheMessageNamesIt() throws {
        let bound = ["HOOKLINE_QUEUE_MAX_DEPTH": "200"]
        let queue = DeliveryQueue(connection: try fixture.redis.connection())
        for _ in 1...100 {
            _ = try queue.enqueue(
                QueueEntry(
                    id: EventIDSource.random.next(), appID: 1, event: "issue.created", enqueuedAt: .now(), payload: []))
        }

        let refused = try runner.hookline("event", "send", uuid, "issue.created", environment: bound)

        #expect(refused.status == 75)
        #expect(
            refused.error.hasPrefix(
                "hookline: the app has too many events in the queue (100 of at most 100 of one app, while more "
                    + "than half is used)"))
    }

    private func line(_ fields: String) -> String {
        #"{"installation": "\#(uuid)", "event": "issue.created", "data": {}\#(fields)}"#
    }

    @Test func validLinesOfAFileAreEnqueuedAndInvalidOnesReported() throws {
        let lines = [
            line(#", "project": "web", "idempotency_key": "a""#), "", "nonsense", line(#", "idempotency_key": "a""#),
            line(#", "projct": 1"#), #"{"event": "issue.created", "data": {}}"#,
            line(#", "actor": {"type": "user", "id": 7, "name": "Ann"}"#),
        ]
        let file = try runner.folder.write(lines.joined(separator: "\n"), to: "events.ndjson")

        let outcome = try runner.hookline("event", "send", "--from", file)

        #expect(outcome.status == 65)
        #expect(outcome.output == "2 events enqueued, 1 duplicate, 3 invalid lines\n")
        let errors = outcome.error.split(separator: "\n")
        #expect(errors[0].hasPrefix("line 3: is not JSON"))
        #expect(errors[1] == "line 5: projct: Unknown field.")
        #expect(errors[2] == "line 6: installation: must be a uuid")
        #expect(errors[3] == "hookline: 3 invalid lines in \(file)")
        #expect(try fixture.queued().count == 2)
    }

    @Test func aFileStopsWhereTheQueueIsFullAndSaysWhereThatIs() throws {
        let input = (0..<5).map { _ in line("") }.joined(separator: "\n")

        let outcome = try runner.hookline(
            "event", "send", "--from", "-", "--json", input: input, environment: ["HOOKLINE_QUEUE_MAX_DEPTH": "3"])

        #expect(outcome.status == 75)
        let results = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(results.map { $0["line"]?.integer } == [1, 2, 3])
        #expect(results.map { $0["id"]?.string } == (try fixture.queued().map(\.entry.id)))
        #expect(outcome.error.contains("stopped before line 4 of standard input"))
    }
}
