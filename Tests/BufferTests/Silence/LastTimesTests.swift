import Model
import Redis
import TestSupport
import Testing

@testable import Buffer

/// What is remembered of apps when the lists of the log have expired.
@Suite
struct LastTimesTests {
    private static let start = Timestamp(seconds: 1_700_000_000)

    private let server: RedisServer
    private let times: LastTimes

    init() throws {
        server = try RedisServer()
        times = LastTimes(connection: try server.connection())
    }

    private func record(_ second: Int64, app: Int64 = 1, event: EventType = "issue.created") -> WebhookRequestRecord {
        WebhookRequestRecord(
            date: Self.start.adding(seconds: second), event: event, appID: app, responseCode: 200,
            webhookURL: "https://example.com/")
    }

    private func buffer() throws -> WebhookRequestBuffer {
        WebhookRequestBuffer(connection: try server.connection())
    }

    private func attempts(_ ids: [Int64]) throws -> [Int64?] {
        try times.times(of: ids).apps.map { $0.attempt.map { $0.seconds - Self.start.seconds } }
    }

    @Test func recordingAnAttemptNotesItsTimeWhichOutlivesTheLists() throws {
        let outcomes = try buffer().record([record(5), record(3), record(4, app: 2), record(9, app: 3, event: "x.y")])
        try server.command("DEL", "sentry-app-webhook-request:{1}:issue.created")

        // An attempt without a row counts as none.
        #expect(outcomes.last == .unknownEvent)
        #expect(try attempts([2, 1, 3, 99]) == [4, 5, nil, nil])
        #expect(try server.integer("TTL", LastTimes.attemptsKey) == -1)
    }

    @Test func aTimeNeverGoesBack() throws {
        try times.noteAttempts([(1, Self.start.adding(seconds: 10)), (1, Self.start)])
        try buffer().record([record(7)]).forEach { #expect($0 == .stored) }
        #expect(try attempts([1]) == [10])

        try buffer().record([record(11)]).forEach { #expect($0 == .stored) }
        #expect(try attempts([1]) == [11])
    }

    /// By the clock of Redis: that of the program which noted it, or of this one, may be wrong.
    @Test(arguments: [(200, 200), (400, 7)]) func aTimeFarAheadIsReplaced(seconds: Int64, expected: Int64) throws {
        let now = Timestamp.now().truncatedToSeconds
        try times.noteAttempts([(1, now.adding(seconds: seconds))])

        try times.noteAttempts([(1, now.adding(seconds: 7))])

        #expect(try times.times(of: [1]).apps.map(\.attempt) == [now.adding(seconds: expected)])
    }

    @Test func whatIsNotSentIsNotedApartFromAttempts() throws {
        try times.noteUnsent([(1, Self.start), (2, Self.start.adding(seconds: 1))])

        let page = try times.times(of: [1, 2])

        #expect(page.apps.map(\.attempt) == [nil, nil])
        #expect(page.apps.map(\.unsent) == [Self.start, Self.start.adding(seconds: 1)])
        #expect(page.observedSince == nil)
    }

    /// Redis serves nobody else while a script runs.
    @Test func manyAppsTakeSeveralCalls() throws {
        let records = (1...600).map { record(Int64($0), app: Int64($0)) }

        #expect(LastTimes.calls(noting: records).count == 3)
        try times.noteAttempts(records.map { ($0.appID, $0.date) })

        #expect(try attempts([1, 600]) == [1, 600])
        #expect(try server.integer("ZCARD", LastTimes.attemptsKey) == 600)
    }

    @Test func aKeyOfAnotherTypeDoesNotKeepRowsFromBeingRecorded() throws {
        try server.command("SET", LastTimes.attemptsKey, "x")

        #expect(try buffer().record([record(1)]) == [.stored])

        #expect(try server.list("sentry-app-webhook-request:{1}:issue.created").count == 1)
        #expect(throws: RedisError.self) { try times.noteAttempts([(1, Self.start)]) }
    }

    /// As `hookline-worker` stores them, and a clock that is far ahead.
    @Test func webhooksThatWereNotSentAndRowsOfTheFutureAreNoAttempts() throws {
        let times = LastTimes(connection: try server.connection())
        let dates = [Self.start, Self.start.adding(seconds: 3600), Self.start.adding(seconds: 400 * 86_400)]
        var records = dates.map {
            WebhookRequestRecord(date: $0, event: "issue.created", appID: 1, responseCode: 0, webhookURL: "u")
        }
        records[1].reason = WebhookRequestRecord.breakerOpenReason
        _ = try buffer().record(records[0])
        _ = try buffer().record(records[1])

        #expect(try times.times(of: [1]).apps.map(\.attempt) == [Self.start])
        let end = dates[1].adding(seconds: 300)
        #expect(try buffer().lastAttempts(of: [1], notAfter: end) == [Self.start])
        _ = try buffer().record(records[2])
        #expect(try buffer().lastAttempts(of: [1], notAfter: end) == [Self.start])
    }

    @Test func aKeyThatIsNoListIsPassedOver() throws {
        try server.push(
            [#"{"date":"2026-01-02 00:00:00+00:00","response_code":200,"webhook_url":"u"}"#],
            to: "sentry-app-webhook-request:{1}:issue.created")
        try server.command("SET", "sentry-app-webhook-request:{1}:error.created", "text")

        let found = try buffer().lastAttempts(of: [1], notAfter: Timestamp(seconds: 4_000_000_000))

        #expect(found == [Timestamp(parsing: "2026-01-02 00:00:00+00:00")])
    }

    @Test func theNewestRowOfAllListsIsFoundWhoeverWroteThem() throws {
        let rows = [
            ("sentry-app-webhook-request:{1}:issue.created", "2026-01-02 00:00:00+00:00"),
            ("sentry-app-webhook-request:{1}:error.created", "2026-01-03 00:00:00.500000+00:00"),
            ("sentry-app-webhook-error:{1}:comment.created", "2026-01-04 00:00:00.250000+00:00"),
            ("sentry-app-webhook-request:{2}:issue.created", "no date"),
        ]
        for (key, date) in rows {
            try server.push([#"{"date":"\#(date)","response_code":200,"webhook_url":"u"}"#], to: key)
        }
        try server.push(["not JSON"], to: "sentry-app-webhook-request:{3}:issue.created")

        let newest = try buffer().lastAttempts(of: [3, 1, 2, 4], notAfter: Timestamp(seconds: 4_000_000_000))

        #expect(newest == [nil, Timestamp(parsing: "2026-01-04 00:00:00.250000+00:00"), nil, nil])
        #expect(try buffer().lastAttempts(of: [], notAfter: Timestamp(seconds: 4_000_000_000)) == [])
    }
}
