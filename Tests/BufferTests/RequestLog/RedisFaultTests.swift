import Model
import Redis
import TestSupport
import Testing

@testable import Buffer

/// Faults of Redis.
@Suite
struct RedisFaultTests {
    private let server: RedisServer
    private let connection: RedisConnection
    private let buffer: WebhookRequestBuffer
    private let key = "sentry-app-webhook-request:{1}:issue.created"
    private let good = #"{"date":"2023-08-11 01:09:59.251813+00:00","response_code":200}"#

    init() throws {
        server = try RedisServer()
        connection = try server.connection()
        buffer = WebhookRequestBuffer(connection: connection)
    }

    @Test func aKeyOfTheWrongTypeIsRefusedByNameAndTheConnectionStaysUsable() throws {
        try server.command("SET", key, "text")

        let reading = refusal { _ = try read() }
        let writing = refusal { _ = try record() }
        let rest = try server.command("TTL", key)

        #expect(reading?.key == key && reading?.message.hasPrefix("WRONGTYPE") == true)
        #expect(writing?.key == key && writing?.message.hasPrefix("WRONGTYPE") == true)
        #expect(rest != ":-2\r\n")
        try server.command("DEL", key)
        #expect(try record() == .stored)
        #expect(try read().rows.count == 1)
    }

    @Test func aFullRedisRefusesToCountAndTakesRows() throws {
        _ = try record()
        try server.command("CONFIG", "SET", "maxmemory", "1")

        let outcome = try record()
        let counting = refusal {
            try InteractionSeries(connection: connection).increment(.viewed(appID: 1), at: .now())
        }
        let rows = try read().rows

        #expect(outcome == .stored)
        #expect(counting?.key?.hasPrefix("ts:800:") == true && counting?.message.hasPrefix("OOM") == true)
        #expect(rows.count == 2)
    }

    @Test func aCounterThatIsNotANumberIsAnError() throws {
        let field = InteractionField(.viewed(appID: 1))
        let hash = field.hashKey(bucketStart: 0, rollup: .hour)
        try server.command("HSET", hash, field.field, "many")
        let series = InteractionSeries(connection: connection)

        #expect(throws: RedisError.unexpectedReply("HGET \(hash) returned no integer")) {
            try series.counts(of: [.viewed(appID: 1)], rollup: .hour, bucketStarts: [0])
        }
        try server.command("SET", hash, "text")
        let wrong = refusal { _ = try series.counts(of: [.viewed(appID: 1)], rollup: .hour, bucketStarts: [0]) }
        #expect(wrong?.key == hash)
        #expect(try series.counts(of: [.viewed(appID: 2)], rollup: .hour, bucketStarts: [0, 3600]) == [[0, 0]])
        #expect(try series.counts(of: [], rollup: .hour, bucketStarts: [0]).isEmpty)
        #expect(try series.counts(of: [.viewed(appID: 2)], rollup: .hour, bucketStarts: []) == [[]])
    }

    @Test func poisonedElementsAreSkippedAndCounted() throws {
        let deep =
            #"{"response_code":200,"x":"# + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}"
        try server.push(["not json", "", "{", deep, #"{"response_code":"404"}"#, good], to: key)
        let raw: [[UInt8]] = [Array("RPUSH".utf8), Array(key.utf8), [0xFF, 0x00, 0xFE]]
        try RedisTestConnection(socketPath: server.socketPath).command(raw)

        let page = try read()

        #expect(page.text == good)
        #expect(page.skippedCount == 6)
    }

    @Test func anElementOf64MbIsSkippedWithoutBeingKeptInMemory() throws {
        try server.command("EVAL", "redis.call('RPUSH', KEYS[1], string.rep('x', 67108864))", "1", key)
        try server.push([good], to: key)

        let page = try read()

        #expect(page.text == good)
        #expect(page.skippedCount == 1)
        #expect(connection.reply.bytes.capacity < 4 << 20)
        #expect(try read().rows.count == 1)
    }

    @Test func manyElementsNearlyAsLargeAsOneOfRedisHideNoOthersAndTakeLittleMemory() throws {
        try server.command(
            "EVAL", "for i = 1, 70 do redis.call('RPUSH', KEYS[1], string.rep('x', 1048000)) end", "1", key)
        try server.push([good], to: key)

        let page = try read()

        #expect(page.text == good)
        #expect(page.skippedCount == 70)
        #expect(connection.reply.bytes.capacity < 4 << 20)
    }

    @Test func anElementOfTheGreatestLengthIsReadAndALongerOneSkipped() throws {
        let empty = #"{"response_code":200,"response_body":""}"#
        let body = String(repeating: "x", count: 131_072 - empty.utf8.count)
        let longest = #"{"response_code":200,"response_body":""# + body + #""}"#
        try server.push([longest, longest + " "], to: key)

        let page = try read()

        #expect(page.text == longest)
        #expect(page.skippedCount == 1)
    }

    @Test func aReplyBeyondTheLimitIsAnErrorThatNamesItAndTheNextCallWorks() throws {
        let limits = ReplyLimits(maximumReplyBytes: 100_000)
        let buffer = WebhookRequestBuffer(connection: connection, readBuffers: ReadBufferPool(limits: limits))
        let element = #"{"response_code":200,"response_body":""# + String(repeating: "x", count: 50_000) + #""}"#
        try server.push([element, element], to: key)
        let query = WebhookRequestQuery(appID: 1, events: ["error.created", "issue.created", "issue.resolved"])

        #expect {
            try buffer.read(query)
        } throws: { error in
            guard case RedisError.unexpectedReply(let what) = error else { return false }
            return what.hasPrefix("more than 100000 bytes, of which 100") && what.hasSuffix(" for the list \(key)")
        }
        try server.command("LTRIM", key, "0", "0")
        #expect(try buffer.read(query).rows.count == 1)
    }

    private func read() throws -> WebhookRequestPage {
        try buffer.read(WebhookRequestQuery(appID: 1, events: ["issue.created"]))
    }

    private func record() throws -> WebhookRequestBuffer.RecordOutcome {
        try buffer.record(
            WebhookRequestRecord(
                date: .now(), event: "issue.created", appID: 1, responseCode: 200,
                webhookURL: "https://hook.example.test"))
    }

    private func refusal(_ body: () throws -> Void) -> (key: String?, message: String)? {
        do {
            try body()
        } catch RedisError.refused(let key, let message) {
            return (key, message)
        } catch {
            Issue.record("\(error)")
        }
        return nil
    }
}
