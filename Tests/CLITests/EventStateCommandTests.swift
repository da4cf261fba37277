import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

/// The state of an event, as `hookline event show` prints it.
@Suite struct EventStateCommandTests {
    private static let id = "0123456789abcdef0123456789abcdef"

    private let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
    }

    private func enqueue(dueIn seconds: Int64 = 0) throws {
        let now = Timestamp.now()
        let entry = QueueEntry(
            id: Self.id, appID: 1, event: "issue.created", enqueuedAt: now, payload: [],
            dueAt: now.adding(seconds: seconds))
        _ = try fixture.queue().enqueue(entry)
    }

    private func show() throws -> (text: String, state: JSONValue?) {
        let text = try fixture.runner.hookline("event", "show", Self.id, "--app", "radar")
        let json = try fixture.runner.hookline("event", "show", Self.id, "--app", "radar", "--json")
        guard text.status == 0, json.status == 0 else { return (text.error, nil) }
        return (text.output, try JSONValue(parsing: json.output)["state"])
    }

    @Test func aScheduledEventHasTheTimeOfItsNextAttempt() throws {
        try enqueue(dueIn: 3600)

        let (text, state) = try show()

        #expect(text.contains("\nstate         scheduled (attempt 1, 20"))
        #expect(text.contains("\nnext attempt  in 59m "))
        #expect(state?["name"]?.string == "scheduled" && state?["nextAttempt"]?.string != nil)
    }

    @Test func anEventIsShownInEachStateItGoesThrough() throws {
        #expect(try show().text.contains("no such event of radar: \(Self.id)"))
        try enqueue()
        let waiting = try show()
        let delivery = try #require(try fixture.queued().first)
        let running = try show()
        #expect(try fixture.queue().settle([.drop(delivery, reason: "not-subscribed")]) == [.settled])
        let dropped = try show()

        #expect(waiting.state?["name"]?.string == "waiting")
        #expect(running.text.contains("in_progress (attempt 1)\n"))
        #expect(dropped.text.contains("dropped: not-subscribed (attempt 1, "))
        #expect(dropped.state?["reason"]?.string == "not-subscribed")
    }

    @Test func whatTheLogSaysOfItsEndIsTheState() throws {
        try fixture.runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "503", "--request-id", Self.id, "--attempt",
            "1")
        let failed = try show()
        try fixture.runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "200", "--request-id", Self.id, "--attempt",
            "2")

        #expect(failed.text.contains("failed: 503 (attempt 1, "))
        #expect(try show().state?["name"]?.string == "delivered")
        #expect(try show().state?["attempt"]?.integer == 2)
    }
}
