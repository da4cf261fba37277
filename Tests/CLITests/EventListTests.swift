import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct EventListTests {
    private let fixture: StoredEventFixture

    init() throws {
        fixture = try StoredEventFixture()
    }

    private func list(_ arguments: [String] = []) throws -> [JSONValue] {
        let outcome = try fixture.runner.hookline(["event", "list", "--json"] + arguments)
        guard outcome.status == 0 else { throw TestSupportError(outcome.error) }
        return try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }

    private func ids(_ arguments: String...) throws -> [String?] { try list(arguments).map { $0["id"]?.string } }

    @Test func theEventsOfAllAppsAreListedNewestFirst() throws {
        for (number, app) in [(1, 1), (2, 2), (3, 1), (4, 9), (5, 3), (6, 2)] {
            try fixture.store(number, app: app, failed: number == 3)
        }

        let table = try fixture.runner.hookline("event", "list").output.split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }

        #expect(table[0].prefix(3) == ["ENQUEUED", "EVENT", "APP"])
        #expect(table.dropFirst().map(\.last) == ["e6", "e5", "e4", "e3", "e2", "e1"])
        #expect(table[1][1...] == ["issue.created", "sonar", "globex", "succeeded", "e6"])
        #expect(table[3][1...].contains("(deleted)"))
        #expect(table[4][1...] == ["issue.created", "radar", "acme", "failed", "e3"])
    }

    @Test func eachFilterLeavesOutTheOthers() throws {
        for (number, app) in [(1, 1), (2, 2), (3, 3), (4, 1), (5, 9)] {
            try fixture.store(
                number, app: app, event: number == 4 ? "issue.assigned" : "issue.created", failed: number % 2 == 0)
        }
        let minute = { (number: Int64) in fixture.start.adding(seconds: 60 * number).iso8601Description }

        #expect(try ids("--app", "radar") == ["e4", "e1"])
        #expect(try ids("--organization", "acme") == ["e4", "e3", "e1"])
        #expect(try ids("--organization", "globex", "--app", "radar") == [])
        #expect(try ids("--event", "issue.assigned") == ["e4"])
        #expect(try ids("--event", "issue.assigned", "--event", "issue.created", "--limit", "2") == ["e5", "e4"])
        #expect(try ids("--errors-only") == ["e4", "e2"])
        #expect(try ids("--since", minute(2), "--until", minute(4)) == ["e3", "e2"])
        #expect(try ids("--since", "90m") == [])
    }

    @Test func oneEventIsAnObjectWithAllItsNames() throws {
        try fixture.store(1, app: 2, failed: true)

        let event = try #require(try list().first)

        #expect(event["app"]?.string == "sonar" && event["app_id"]?.integer == 2)
        #expect(event["organization"]?.string == "globex")
        #expect(event["installation"]?.string == StoredEventFixture.sonar)
        #expect(event["event"]?.string == "issue.created" && event["failed"] == .bool(true))
        #expect(event["enqueued_at"]?.string == fixture.start.adding(seconds: 60).iso8601Description)
        #expect(event["original_id"] == .null && event["failed_redeliveries"]?.integer == 0)
    }

    @Test func whatCannotBeListedIsSaid() throws {
        let list = { (arguments: [String], environment: [String: String]) in
            try fixture.runner.hookline(["event", "list"] + arguments, environment: environment)
        }

        #expect(try list(["--app", "none"], [:]).error == "hookline: no such app: none\n")
        #expect(try list(["--organization", "none"], [:]).error == "hookline: no such organization: none\n")
        #expect(try list(["--event", "none"], [:]).error.hasPrefix("hookline: unknown event none"))
        #expect(try list(["--since", "soon"], [:]).status == 65)
        #expect(try list(["--limit", "0"], [:]).status == 64)
        #expect(try list([], ["HOOKLINE_PAYLOAD_SECONDS": "0"]).status == 78)
        #expect(try list([], [:]).output == "ENQUEUED  EVENT  APP  ORGANIZATION  LAST ATTEMPT  ID\n")
    }
}
