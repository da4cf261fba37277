import Buffer
import Model
import Queue
import TestSupport
import Testing

/// Batches have the effect of single calls in one round trip.
@Suite
struct RecordBatchTests {
    private static let start = Timestamp(seconds: 1_700_000_000)

    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func record(_ number: Int, app: Int64 = 1, code: Int = 200, event: EventType = "issue.created")
        -> WebhookRequestRecord
    {
        WebhookRequestRecord(
            date: Self.start.adding(seconds: Int64(number)), event: event, appID: app, responseCode: code,
            webhookURL: "https://example.com/\(number)")
    }

    private func numbers(_ key: String) throws -> [Int] {
        try server.list(key).compactMap { row in
            row.firstRange(of: "example.com/").flatMap { Int(row[$0.upperBound...].prefix { $0.isNumber }) }
        }
    }

    @Test func recordsOfSeveralAppsAndEventsGoToTheirListsInOrder() throws {
        let buffer = WebhookRequestBuffer(connection: try server.connection())

        let outcomes = try buffer.record([
            record(1), record(2, code: 500), record(3, app: 2), record(4, event: "x.y"), record(5, code: 0),
            record(6, event: "issue.resolved"),
        ])

        #expect(outcomes == [.stored, .stored, .stored, .unknownEvent, .stored, .stored])
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.created") == [5, 2, 1])
        #expect(try numbers("sentry-app-webhook-error:{1}:issue.created") == [5, 2])
        #expect(try numbers("sentry-app-webhook-request:{2}:issue.created") == [3])
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.resolved") == [6])
        #expect(try server.integer("EXISTS", "sentry-app-webhook-error:{2}:issue.created") == 0)
        #expect(try server.integer("TTL", "sentry-app-webhook-request:{2}:issue.created") > 2_591_000)
    }

    @Test func aHundredRowsStayOfALargerBatch() throws {
        let buffer = WebhookRequestBuffer(connection: try server.connection())

        let outcomes = try buffer.record((1...250).map { record($0, code: 500) })

        #expect(outcomes.allSatisfy { $0 == .stored })
        for kind in ["request", "error"] {
            #expect(try numbers("sentry-app-webhook-\(kind):{1}:issue.created") == Array((151...250).reversed()))
        }
    }

    @Test func aRepeatedBatchIsStoredOnce() throws {
        let buffer = WebhookRequestBuffer(connection: try server.connection())
        let many = (1...90).map { record($0, code: $0 % 2 == 0 ? 500 : 200) }
        _ = try buffer.record(many)
        _ = try buffer.record([record(200)])

        let outcomes = try buffer.record([record(301, app: 2)] + many, batch: RecordBatch(isRepeated: true))

        #expect(outcomes.allSatisfy { $0 == .stored })
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.created") == [200] + (1...90).reversed())
        #expect(
            try numbers("sentry-app-webhook-error:{1}:issue.created") == (1...90).reversed().filter { $0 % 2 == 0 })
        #expect(try numbers("sentry-app-webhook-request:{2}:issue.created") == [301])
    }

    @Test func rowsAreStoredByARedisWithoutFreeMemory() throws {
        let buffer = WebhookRequestBuffer(connection: try server.connection())
        try server.command("CONFIG", "SET", "maxmemory", "1")
        #expect(try server.command("SET", "x", "y").contains("OOM"))

        let outcomes = try buffer.record((1...130).map { record($0, code: 500) } + [record(1, app: 2)])
        try buffer.checkWrites()

        #expect(outcomes.allSatisfy { $0 == .stored })
        for kind in ["request", "error"] {
            #expect(try numbers("sentry-app-webhook-\(kind):{1}:issue.created") == Array((31...130).reversed()))
        }
        #expect(try server.integer("TTL", "sentry-app-webhook-request:{2}:issue.created") > 2_591_000)
        #expect(try server.integer("DBSIZE") == 3)
    }

    @Test func aRefusalDoesNotAffectTheRecordsOfOtherLists() throws {
        try server.command("SET", "sentry-app-webhook-error:{1}:issue.created", "no list")
        let buffer = WebhookRequestBuffer(connection: try server.connection())

        let outcomes = try buffer.record([record(1, code: 500), record(2, app: 2), record(3)])

        guard case .refused(let key, let message) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        #expect(key == "sentry-app-webhook-error:{1}:issue.created")
        #expect(message.hasPrefix("WRONGTYPE"))
        #expect(outcomes[1] == .stored)
        #expect(outcomes[2] == .stored)
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.created") == [3, 1])
        #expect(try buffer.record([]) == [])

        try server.command("DEL", "sentry-app-webhook-error:{1}:issue.created")
        #expect(try buffer.record([record(1, code: 500)], batch: RecordBatch(isRepeated: true)) == [.stored])
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.created") == [3, 1])
        #expect(try numbers("sentry-app-webhook-error:{1}:issue.created") == [1])
    }

    @Test(arguments: ["evalsha", "eval", "lpush", "ltrim", "expire"])
    func aBatchThatIsRefusedIsStoredOnceInTheEnd(command: String) throws {
        let buffer = WebhookRequestBuffer(connection: try server.connection())
        try server.command("ACL", "SETUSER", "default", "-" + command)

        let refused = try (0..<2).map { _ in try buffer.record([record(1), record(2, code: 500)]) }
        let lists = ["request", "error"].map { "sentry-app-webhook-\($0):{1}:issue.created" }
        let isEmpty = try server.integer("EXISTS", lists[0], lists[1]) == 0
        try server.command("ACL", "SETUSER", "default", "+" + command)
        let stored = try buffer.record([record(1), record(2, code: 500)])

        for outcome in refused.joined() {
            guard case .refused(_, let message) = outcome,
                message.contains("NOPERM") || message.contains("can't run this command")
            else {
                Issue.record("\(outcome)")
                continue
            }
        }
        #expect(isEmpty)
        #expect(stored == [.stored, .stored])
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.created") == [2, 1])
        #expect(try numbers("sentry-app-webhook-error:{1}:issue.created") == [2])
    }
}
