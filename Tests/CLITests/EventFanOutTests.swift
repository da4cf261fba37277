import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

/// `hookline event send --organization`.
@Suite struct EventFanOutTests {
    private let fixture: CommandFixture
    private var runner: CommandRunner { fixture.runner }

    /// `radar` is installed and subscribes to issues; `quiet` is installed in the same organization and does not.
    init() throws {
        fixture = try CommandFixture()
        let outcome = try runner.importDocument(
            """
            {"apps": [{"id": 2, "slug": "quiet", "name": "Quiet", "owner_id": 1, "status": "published",
                       "client_secret": "hush", "events": ["comment"], "webhook_url": "https://example.com/quiet"}],
             "installations": [{"id": 2, "app_id": 2, "organization_id": 1, "uuid": "quiet-1"}],
             "service_hooks": [{"id": 2, "installation_id": 2, "organization_id": 1, "url": "x",
                                "events": ["comment.created"]}]}
            """)
        guard outcome.status == 0 else { throw TestSupportError("the document: \(outcome.error)") }
    }

    private func send(_ arguments: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(["event", "send", "--organization"] + arguments)
    }

    @Test func eachAppThatWouldGetTheEventHasItAndOfTheOthersTheReasonIsTold() throws {
        let outcome = try send("acme", "issue.created", "--data", #"{"issue":{"id":"1"}}"#, "--json")

        #expect(outcome.status == 0, "\(outcome.error)")
        let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let entries = try fixture.queued().map(\.entry)
        #expect(entries.map(\.appID) == [1])
        #expect(lines.count == 2)
        #expect(lines.first { $0["app"]?.string == "radar" }?["id"]?.string == entries.first?.id)
        let reason = lines.first { $0["app"]?.string == "quiet" }?["reason"]?.string
        #expect(reason?.contains("does not subscribe to issue.created") == true)
    }

    @Test func repeatedWithTheSameKeyItPrintsTheSameIds() throws {
        let first = try send("acme", "issue.created", "--idempotency-key", "k")
        let second = try send("acme", "issue.created", "--idempotency-key", "k")

        #expect(first.status == 0 && second.status == 0)
        #expect(first.output == second.output)
        #expect(first.output.contains("radar  \(CommandFixture.installation)  "))
        #expect(try fixture.queued().count == 1)
    }

    @Test func whatIsWrongIsNamed() throws {
        #expect(try send("nowhere", "issue.created").error.contains("no such organization: nowhere"))
        #expect(try send("acme", "issue.born").error.contains("unknown event issue.born"))
        #expect(try send("globex", "issue.created").error.contains("no app is installed in globex"))
        #expect(try send("acme", "issue.created", "--project", "none").error.contains("no such project"))
        let twice = try ChildProcess.run(
            [
                try BuiltProducts.path("hookline"), "event", "send", "--organization", "acme",
                CommandFixture.installation, "issue.created",
            ])
        #expect(twice.status == .exited(64))
        #expect(twice.error.contains("with --organization give one argument, the event"))
        #expect(try fixture.queued().isEmpty)
    }
}
