import Model
import Redis
import TestSupport
import Testing

@testable import Buffer

/// The read buffers of a program.
@Suite
struct ReadBufferPoolTests {
    private let pool = ReadBufferPool()

    @Test func consecutiveReadsUseOneBufferAlsoAfterAPause() {
        let first = pool.acquire()
        pool.release(first)
        let bursts = [pool.tick(), pool.tick()]
        let second = pool.acquire()
        pool.release(second)

        #expect(first === second)
        #expect(pool.count == 1)
        #expect(bursts == [false, false])
    }

    @Test func theBuffersOfASuddenBurstAreFreedAtOnce() {
        let buffers = (0..<16).map { _ in pool.acquire() }
        let countMeanwhile = pool.count
        for buffer in buffers { pool.release(buffer) }

        #expect(countMeanwhile == 16)
        #expect(pool.count == ReadBufferPool.kept)
    }

    @Test func theEndOfABurstIsReportedOnceAfterAnIntervalWithoutConcurrentReads() {
        let buffers = (0..<2).map { _ in pool.acquire() }
        for buffer in buffers { pool.release(buffer) }
        pool.release(pool.acquire())

        #expect([pool.tick(), pool.tick(), pool.tick()] == [false, true, false])
    }

    @Test func concurrentlyUsedBuffersAreKeptForTwoMoreIntervals() {
        let buffers = (0..<4).map { _ in pool.acquire() }
        _ = pool.tick()
        for buffer in buffers { pool.release(buffer) }
        var counts = [pool.count]
        for _ in 0..<3 {
            _ = pool.tick()
            counts.append(pool.count)
        }

        // The four were in use when the second interval began.
        #expect(counts == [4, 4, 4, ReadBufferPool.kept])
    }

    @Test func theBufferWithTheMostMemoryIsKept() {
        let (small, large, untouched) = (pool.acquire(), pool.acquire(), pool.acquire())
        _ = small.reply.receive { _ in 1000 }
        _ = large.reply.receive { _ in 2000 }
        for buffer in [large, small, untouched] { pool.release(buffer) }

        let kept = pool.acquire()

        #expect(kept === large)
        #expect(kept.reply.isEmpty)
    }

    @Test func theMemoryOfAnExceptionallyLargeReplyIsFreed() {
        let limits = ReplyLimits(retainedBytes: 100_000, receiveBytes: 200_000)
        let pool = ReadBufferPool(limits: limits)
        let buffer = pool.acquire()
        _ = buffer.reply.receive { _ in 150_000 }
        pool.release(buffer)

        #expect(pool.acquire() === buffer)
        #expect(buffer.reply.bytes.capacity == 0)
        #expect(buffer.usedBytes == 0)
    }

    @Test func connectionsShareTheBuffersOfThePoolAndKeepNone() throws {
        let server = try RedisServer()
        let event: EventType = "issue.assigned"
        let key = WebhookRequestKey(appID: 1, event: event, isErrors: false).text
        let entry = #"{"response_code":200,"webhook_url":"\#(String(repeating: "u", count: 5000))"}"#
        try server.push(Array(repeating: entry, count: 100), to: key)
        let connections = [try server.connection(), try server.connection()]
        let logs = connections.map { WebhookRequestBuffer(connection: $0, readBuffers: pool) }

        let pages = try logs.map { try $0.read(WebhookRequestQuery(appID: 1, events: [event])) }

        #expect(pages.map(\.rows.count) == [100, 100])
        #expect(pool.count == 1)
        #expect(pool.acquire().usedBytes > 500_000)
        #expect(connections.allSatisfy { $0.reply.bytes.capacity == 0 })
    }

    @Test func aFailedReadReleasesItsBuffer() throws {
        let server = try RedisServer()
        let connection = try server.connection()
        let log = WebhookRequestBuffer(connection: connection, readBuffers: pool)
        let query = WebhookRequestQuery(appID: 1, events: ["issue.created"])
        try server.command("SET", WebhookRequestKey(appID: 1, event: "issue.created", isErrors: false).text, "text")

        #expect(throws: RedisError.self) { try log.read(query) }
        let buffer = pool.acquire()
        try connection.ping()

        #expect(pool.count == 1)
        #expect(buffer.reply.isEmpty && !connection.reply.isEmpty)
    }
}
