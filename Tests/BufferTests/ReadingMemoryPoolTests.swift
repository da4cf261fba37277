import Model
import Redis
import TestSupport
import Testing

@testable import Buffer

@Suite("Memory to read logs in")
struct ReadingMemoryPoolTests {
    private let pool = ReadingMemoryPool()

    @Test("Reads one after the other use one piece, also when nobody has read for long")
    func oneAfterTheOther() {
        let first = pool.take()
        pool.giveBack(first)
        let rushes = [pool.tick(), pool.tick()]
        let second = pool.take()
        pool.giveBack(second)

        #expect(first === second)
        #expect(pool.count == 1)
        #expect(rushes == [false, false])
    }

    @Test("What a rush out of the blue needed goes back at once")
    func rush() {
        let pieces = (0..<16).map { _ in pool.take() }
        let countMeanwhile = pool.count
        for piece in pieces { pool.giveBack(piece) }

        #expect(countMeanwhile == 16)
        #expect(pool.count == ReadingMemoryPool.kept)
    }

    @Test("The end of a rush is told once, when a whole time between two ticks was quiet")
    func endOfARush() {
        let pieces = (0..<2).map { _ in pool.take() }
        for piece in pieces { pool.giveBack(piece) }
        pool.giveBack(pool.take())

        #expect([pool.tick(), pool.tick(), pool.tick()] == [false, true, false])
    }

    @Test("What was needed at the same time between two ticks is kept until two more passed without")
    func steadyLoad() {
        let pieces = (0..<4).map { _ in pool.take() }
        _ = pool.tick()
        for piece in pieces { pool.giveBack(piece) }
        var counts = [pool.count]
        for _ in 0..<3 {
            _ = pool.tick()
            counts.append(pool.count)
        }

        // The four were in use when the second time began.
        #expect(counts == [4, 4, 4, ReadingMemoryPool.kept])
    }

    @Test("The piece that is kept is the one that has the most memory already")
    func theLargestStays() {
        let (small, large, untouched) = (pool.take(), pool.take(), pool.take())
        _ = small.reply.receive { _ in 1000 }
        _ = large.reply.receive { _ in 2000 }
        for piece in [large, small, untouched] { pool.giveBack(piece) }

        let kept = pool.take()

        #expect(kept === large)
        #expect(kept.reply.isUntouched)
    }

    @Test("Memory that only an exceptional answer needs is not kept")
    func exceptionalAnswer() {
        let limits = ReplyLimits(retainedBytes: 100_000)
        let pool = ReadingMemoryPool(limits: limits)
        let piece = pool.take()
        _ = piece.reply.receive(minimumSpace: 200_000) { _ in 150_000 }
        pool.giveBack(piece)

        #expect(pool.take() === piece)
        #expect(piece.reply.bytes.capacity == 0)
        #expect(piece.usedBytes == 0)
    }

    @Test("Buffers of several threads read in the memory that they share, and their connections keep none of it")
    func sharedByBuffers() throws {
        let server = try RedisServer()
        let event: EventType = "issue.assigned"
        let key = WebhookRequestKey(appID: 1, event: event, isErrors: false).text
        let entry = #"{"response_code":200,"webhook_url":"\#(String(repeating: "u", count: 5000))"}"#
        try server.push(Array(repeating: entry, count: 100), to: key)
        let connections = [try server.connection(), try server.connection()]
        let buffers = connections.map { WebhookRequestBuffer(connection: $0, memory: pool) }

        let pages = try buffers.map { try $0.read(WebhookRequestQuery(appID: 1, events: [event])) }

        #expect(pages.map(\.rows.count) == [100, 100])
        #expect(pool.count == 1)
        #expect(pool.take().usedBytes > 500_000)
        #expect(connections.allSatisfy { $0.reply.bytes.capacity == 0 })
    }

    @Test("A read that fails gives its memory back, and the connection its own")
    func failedRead() throws {
        let server = try RedisServer()
        let connection = try server.connection()
        let buffer = WebhookRequestBuffer(connection: connection, memory: pool)
        let query = WebhookRequestQuery(appID: 1, events: ["issue.created"])
        try server.command("SET", WebhookRequestKey(appID: 1, event: "issue.created", isErrors: false).text, "text")

        #expect(throws: RedisError.self) { try buffer.read(query) }
        let piece = pool.take()
        try connection.ping()

        #expect(pool.count == 1)
        #expect(piece.reply.isUntouched && !connection.reply.isUntouched)
    }
}
