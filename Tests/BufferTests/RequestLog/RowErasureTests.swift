import Buffer
import Model
import Redis
import TestSupport
import Testing

/// Removing the rows of one event from the request log.
@Suite
struct RowErasureTests {
    private static let id = "3f0c0de5a1b24f7c9a55d1b2c3d4e5f6"
    private static let other = "00000000000000000000000000000001"
    private static let requests = "sentry-app-webhook-request:{1}:issue.created"
    private static let errors = "sentry-app-webhook-error:{1}:issue.created"

    private let server: RedisServer
    private let buffer: WebhookRequestBuffer
    private let events = EventCatalogue.version23Dot7.events

    init() throws {
        server = try RedisServer()
        buffer = WebhookRequestBuffer(connection: try server.connection())
    }

    private func row(_ id: String = id, _ more: String = "") -> String {
        #"{"date": "2023-07-20 12:00:00+00:00", "response_code": 503, "request_id": "\#(id)"\#(more)}"#
    }

    private func erase(_ id: String = id) throws -> Int {
        try buffer.eraseRows(of: id, appID: 1, events: events)
    }

    @Test func theRowsOfBothListsOfAllEventTypesAreRemoved() throws {
        for (number, event) in ["issue.created", "issue.created", "installation.created"].enumerated() {
            for code in [503, 200] {
                _ = try buffer.record(
                    WebhookRequestRecord(
                        date: .now(), event: EventType(rawValue: event), appID: 1, responseCode: code,
                        webhookURL: "https://hook.test/", requestID: number == 1 ? Self.other : Self.id,
                        attempt: number + 1))
            }
        }

        #expect(try buffer.rowCount(of: Self.id, appID: 1, events: events) == 4)
        #expect(try server.integer("LLEN", Self.requests) == 4)
        #expect(try erase() == 4)

        #expect(try server.integer("LLEN", Self.requests) == 2)
        #expect(try server.integer("LLEN", Self.errors) == 1)
        #expect(try server.integer("EXISTS", "sentry-app-webhook-request:{1}:installation.created") == 0)
        #expect(try server.integer("EXISTS", "sentry-app-webhook-error:{1}:installation.created") == 0)
        #expect(try erase() == 0)
        #expect(try erase(Self.other) == 2)
    }

    /// Only the member of the outermost object counts, and the last of several.
    @Test func aRowThatNamesTheIdElsewhereStays() throws {
        let others = [
            row(Self.other, #", "request_body": "{\"request_id\": \"\#(Self.id)\"}""#),
            row(Self.other, #", "original_id": "\#(Self.id)""#),
            row(Self.other, #", "request_headers": {"request_id": "\#(Self.id)"}"#),
            row(Self.id + "0"), row("x" + Self.id), row(Self.id.uppercased()),
            row(Self.id, #", "request_id": "\#(Self.other)""#),
            #"["request_id", "\#(Self.id)"]"#, #""\#(Self.id)""#, Self.id, #"{"request_id": ["\#(Self.id)"]}"#,
        ]
        try server.push(others + [row(Self.other, #", "request_id": "\#(Self.id)""#)], to: Self.requests)
        let before = try server.list(Self.requests)

        #expect(try erase() == 1)

        #expect(try server.list(Self.requests) == before.filter { others.contains($0) })
    }

    /// The numbers and bytes of rows that stay are those that were there.
    @Test func rowsAreRemovedAsTheyAreStoredAndOthersStayAsTheyAre() throws {
        let large = #", "project_id": 12345678901234567890123, "attempt": 1e400, "duration_ms": 0.1000000000000000055"#
        let odd = #", "response_body": "\ud800 \u0000 \u2028""#
        let others = [
            row(Self.other, large + #", "request_body": "\#(Self.id)""#), row(Self.other, odd), "", "{", "null",
        ]
        try server.push(others + [row(Self.id, large), row(Self.id, odd), row(Self.id, odd)], to: Self.requests)
        let before = try server.list(Self.requests)

        #expect(try erase() == 2)

        #expect(try server.list(Self.requests) == before.filter { others.contains($0) })
    }

    /// What cannot be read is nobody's row.
    @Test func damagedRowsStay() throws {
        let deep = String(repeating: "[", count: 2000)
        let damaged = [#"{"request_id": "\#(Self.id)""#, #"{"request_id": "\#(Self.id)", "request_body": \#(deep)"#]
        try server.push(damaged + [row()], to: Self.requests)

        #expect(try erase() == 1)
        #expect(try server.list(Self.requests).sorted() == damaged.sorted())
    }

    @Test func aListThatIsLongerThanItShouldBeIsSearched() throws {
        try server.push((0..<250).map { row(Self.other, #", "attempt": \#($0)"#) }, to: Self.requests)
        try server.command("LSET", Self.requests, "249", row())
        try server.push((0..<100).map { row(Self.id, #", "attempt": \#($0)"#) }, to: Self.errors)

        #expect(try erase() == 101)

        #expect(try server.integer("LLEN", Self.requests) == 249)
        #expect(try server.integer("EXISTS", Self.errors) == 0)
    }

    @Test func rowsOfOtherAppsAndTypesStay() throws {
        try server.push([row()], to: "sentry-app-webhook-request:{2}:issue.created")
        try server.push([row()], to: "sentry-app-webhook-request:{1}:not.searched")

        #expect(try erase() == 0)
        #expect(try buffer.eraseRows(of: Self.id, appID: 1, events: ["not.searched"]) == 1)
        #expect(try server.integer("EXISTS", "sentry-app-webhook-request:{2}:issue.created") == 1)
    }

    @Test func aKeyOfAnotherTypeIsNamed() throws {
        try server.command("SET", Self.requests, "x")

        do {
            _ = try erase()
            Issue.record("not refused")
        } catch RedisError.refused(let key, _) {
            #expect(key == Self.requests)
        }
    }

    /// A node of a Redis Cluster accepts no call about several slots.
    @Test func eachListIsACallOfItsOwn() throws {
        let server = try RedisServer(
            port: try freePort(),
            extraArguments: ["--cluster-enabled", "yes", "--cluster-port", String(try freePort())])
        try server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        try waitUntil("the cluster is up") { try server.command("CLUSTER", "INFO").contains("cluster_state:ok") }
        let buffer = WebhookRequestBuffer(connection: try server.connection())
        try server.push([row()], to: Self.errors)

        #expect(try buffer.eraseRows(of: Self.id, appID: 1, events: events) == 1)
    }
}
