import Model
import Redis
import TestSupport
import Testing

@testable import Buffer

/// The counts of attempts by the hour.
@Suite struct DeliveryHoursTests {
    private static let hour: Int64 = 3600

    private let server: RedisServer
    private let buffer: WebhookRequestBuffer
    private let hours: DeliveryHours
    /// The start of the present span.
    private let present: Int64
    private let now = Timestamp.now()

    init() throws {
        server = try RedisServer()
        buffer = WebhookRequestBuffer(connection: try server.connection())
        hours = DeliveryHours(connection: try server.connection())
        present = now.seconds / 21_600 * 21_600
    }

    private func record(
        _ code: Int = 200, app: Int64 = 1, at seconds: Int64? = nil, milliseconds: Int? = 30, reason: String? = nil,
        event: EventType = "issue.created"
    ) -> WebhookRequestRecord {
        WebhookRequestRecord(
            date: Timestamp(seconds: seconds ?? now.seconds), event: event, appID: app, responseCode: code,
            webhookURL: "https://x", durationMilliseconds: milliseconds, reason: reason)
    }

    private func read(app: Int64 = 1, _ range: Range<Int64>? = nil) throws -> [DeliveryHour] {
        try hours.hours(appID: app, startingIn: range ?? present - 86_400..<present + 86_400, now: now)
    }

    private func key(app: Int64 = 1, span: Int64) -> String { "hookline:{app:\(app)}:hours:\(span)" }

    @Test func attemptsCountInTheHourInWhichTheyEnded() throws {
        _ = try buffer.record([
            record(200, at: present - 2 * Self.hour, milliseconds: 10),
            record(204, at: present - Self.hour, milliseconds: 20),
            record(503, at: present - 1, milliseconds: 30), record(200, app: 2, at: present - 1, milliseconds: 5),
        ])
        _ = try buffer.record([record(200, at: present - 1, milliseconds: 4000)])

        let found = try read()

        #expect(found.map(\.start) == [present - 2 * Self.hour, present - Self.hour])
        #expect(found.map(\.counts.succeeded) == [1, 2])
        #expect(found.map(\.counts.failed) == [0, 1])
        #expect(found[1].counts.durations.count == 3)
        #expect(found[1].counts.durations.percentile(1) == 4096)
        #expect(try read(app: 2).map(\.counts.attempts) == [1])
        #expect(try read(app: 3) == [])
    }

    @Test func whatTellsNothingAboutTheAppDoesNotCount() throws {
        _ = try buffer.record([
            record(0, reason: "lease-lost"), record(0, reason: "breaker-open"), record(0, reason: "cancelled"),
            record(200, event: "unknown.event"),
        ])

        #expect(try read() == [])
        #expect(try server.command("KEYS", "hookline:{app:*") == "*0\r\n")
    }

    @Test func timeoutsAreFailuresWithADurationAndOtherFailuresWithoutAResponseHaveNone() throws {
        _ = try buffer.record([
            record(0, milliseconds: 5000, reason: "timeout"), record(0, milliseconds: 1, reason: "connection"),
            record(-1, milliseconds: nil, reason: "dns"), record(302, milliseconds: 40, reason: "redirect"),
            record(600, milliseconds: 50),
        ])

        let counts = try #require(try read().first?.counts)
        #expect([counts.succeeded, counts.failed, counts.timeouts, counts.durations.count] == [0, 5, 1, 3])
        #expect(counts.successRate == 0)
    }

    @Test func aBatchThatIsRecordedAgainCountsOnce() throws {
        var (first, second) = (RecordBatch(), RecordBatch())
        let records = [record(), record(app: 2), record(503)]

        _ = try buffer.record(records, batch: first)
        _ = try buffer.record([record()], batch: second)
        first.isRepeated = true
        second.isRepeated = true
        _ = try buffer.record(records, batch: first)
        _ = try buffer.record(Array(records.prefix(1)), batch: second)
        for _ in 0..<8 { _ = try buffer.record([record()]) }

        #expect(try read().map(\.counts.succeeded) == [10])
        #expect(try read().map(\.counts.failed) == [1])
        #expect(try read(app: 2).map(\.counts.attempts) == [1])
        #expect(try server.integer("HSTRLEN", key(span: present / 21_600), "batches") == 64)
    }

    @Test func theKeysExpireAndWhatIsOlderIsNotCounted() throws {
        let span = present / 21_600
        _ = try buffer.record([
            record(at: present), record(at: present - 30 * 86_400), record(at: present - 30 * 86_400 - 1),
        ])

        let found = try hours.hours(appID: 1, startingIn: .min..<Int64.max, now: now)

        #expect(found.map(\.start) == [present - 30 * 86_400, present])
        #expect(try server.integer("EXISTS", key(span: span - 121)) == 0)
        for (age, spans) in [(Int64(0), Int64(121)), (120, 1)] {
            let ttl = Int64(try server.integer("TTL", key(span: span - age)))
            let expected = present + spans * 21_600 - now.seconds
            #expect(abs(ttl - expected) < 60)
        }
    }

    /// Keys of a far future would stay for as long.
    @Test func whatIsFarAheadIsNotCounted() throws {
        let span = present / 21_600
        _ = try buffer.record([record(at: present + 21_600), record(at: present + 2 * 21_600), record(at: 1 << 40)])

        #expect(try server.integer("EXISTS", key(span: span + 1)) == 1)
        #expect(try server.command("KEYS", "hookline:{app:*").hasPrefix("*1\r\n"))
    }

    @Test func aRangeHasTheHoursThatBeginInIt() throws {
        _ = try buffer.record((0..<5).map { record(at: present - 86_400 + $0 * Self.hour) })
        let start = present - 86_400 + Self.hour

        #expect(try read(start..<start + 2 * Self.hour).map(\.start) == [start, start + Self.hour])
        #expect(try read(start + 1..<start + Self.hour) == [])
        #expect(try read(start..<start) == [])
        #expect(try read(0..<1) == [])
        #expect(try read(Int64.max - 1..<Int64.max) == [])
    }

    @Test func countingTakesNoRoundTripOfItsOwnAndReadingTakesOne() throws {
        let proxy = try RedisProxy(server)
        let connection = RedisConnection(
            endpoint: try RedisEndpoint(parsing: proxy.url), commandTimeout: .seconds(10))
        let buffer = WebhookRequestBuffer(connection: connection)
        // Makes Redis keep the scripts.
        _ = try buffer.record([record()])
        let before = proxy.roundTripCount

        _ = try buffer.record([record(), record(503), record(app: 2)])
        #expect(proxy.roundTripCount == before + 1)
        let all = try DeliveryHours(connection: connection)
            .hours(appID: 1, startingIn: present - 40 * 86_400..<present + 86_400, now: now)

        #expect(proxy.roundTripCount == before + 2)
        #expect(all.map(\.counts.attempts) == [3])
    }

    @Test func whatRedisRefusesToCountIsRecordedAllTheSame() throws {
        let key = key(span: present / 21_600)
        try server.command("SET", key, "x")

        #expect(try buffer.record([record()]) == [.stored])

        #expect(try server.integer("LLEN", "sentry-app-webhook-request:{1}:issue.created") == 1)
        #expect(throws: RedisError.self) { try read() }
        try server.command("DEL", key)
        try server.command("HSET", key, "6:s", "1", "x", "1", "1:s", "no", "1:999", "7", "2:s", "-4", "3:s", "2")
        #expect(try read().map(\.counts.succeeded).reduce(0, +) == 2)
    }

    @Test func allCountsOfAnAppCanBeRemoved() throws {
        _ = try buffer.record([record(at: present), record(at: present - 30 * 86_400), record(app: 2)])

        try buffer.removeAll(appID: 1)

        #expect(try hours.hours(appID: 1, startingIn: .min..<Int64.max, now: now) == [])
        #expect(try read(app: 2).count == 1)
    }

    @Test func aCheckLeavesNothingAndTellsWhatIsRefused() throws {
        try buffer.checkWrites()
        #expect(try server.integer("DBSIZE") == 0)

        try server.command("ACL", "SETUSER", "default", "-hincrby")
        #expect(throws: RedisError.self) { try buffer.checkWrites() }
    }
}
