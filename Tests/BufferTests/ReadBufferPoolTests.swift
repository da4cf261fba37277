import Model
import Redis
import TestSupport
import Testing

@testable import Buffer

/// Memory to read logs in.
@Suite
struct ReadingMemoryPoolTests {
    private let pool = ReadBufferPool()

    @Test func readsOneAfterTheOtherUseOnePieceAlsoWhenNobodyHasReadForLong() {
        let first = pool.take()
        pool.giveBack(first)
        let rushes = [pool.tick(), pool.tick()]
        let second = pool.take()
        pool.giveBack(second)

        #expect(first === second)
        #expect(pool.count == 1)
        #expect(rushes == [false, false])
    }

    @Test func whatARushOutOfTheBlueNeededGoesBackAtOnce() {
        let pieces = (0..<16).map { _ in pool.take() }
        let countMeanwhile = pool.count
        for piece in pieces { pool.giveBack(piece) }

        #expect(countMeanwhile == 16)
        #expect(pool.count == ReadBufferPool.kept)
    }

    @Test func theEndOfARushIsToldOnceWhenAWholeTimeBetweenTwoTicksWasQuiet() {
        let pieces = (0..<2).map { _ in pool.take() }
        for piece in pieces { pool.giveBack(piece) }
        pool.giveBack(pool.take())

        #expect([pool.tick(), pool.tick(), pool.tick()] == [false, true, false])
    }

    @Test func whatWasNeededAtTheSameTimeBetweenTwoTicksIsKeptUntilTwoMorePassedWithout() {
        let pieces = (0..<4).map { _ in pool.take() }
        _ = pool.tick()
        for piece in pieces { pool.giveBack(piece) }
        var counts = [pool.count]
        for _ in 0..<3 {
            _ = pool.tick()
            counts.append(pool.count)
        }

        // The four were in use when the second time began.
        #expect(counts == [4, 4, 4, ReadBufferPool.kept])
    }

    @Test func thePieceThatIsKeptIsTheOneThatHasTheMostMemoryAlready() {
        let (small, large, untouched) = (pool.take(), pool.take(), pool.take())
        _ = small.reply.receive { _ in 1000 }
        _ = large.reply.receive { _ in 2000 }
        for piece in [large, small, untouched] { pool.giveBack(piece) }

        let kept = pool.take()

        #expect(kept === large)
        #expect(kept.reply.isUntouched)
    }

    @Test func memoryThatOnlyAnExceptionalAnswerNeedsIsNotKept() {
        let limits = ReplyLimits(retainedBytes: 100_000)
        let pool = ReadBufferPool(limits: limits)
        let piece = pool.take()
        _ = piece.reply.receive(minimumSpace: 200_000) { _ in 150_000 }
        pool.giveBack(piece)

        #expect(pool.take() === piece)
        #expect(piece.reply.bytes.capacity == 0)
        #expect(piece.usedBytes == 0)
    }

    @Test func buffersOfSeveralThreadsReadInTheMemoryThatTheyShareAndTheirConnectionsKeepNoneOfIt() throws {
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

    @Test func aReadThatFailsGivesItsMemoryBackAndTheConnectionItsOwn() throws {
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
