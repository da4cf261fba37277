import Model
import Queue
import TestSupport
import Testing

@testable import Delivery

/// The payload archive makes room where Redis is short of memory.
@Suite
struct ArchiveKeeperTests {
    @Test func theArchiveMakesRoomWhenMemoryIsShort() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        // Much more than the connections' buffers, which shrink.
        try fixture.server.command("SET", "other", String(repeating: "x", count: 64 << 20))
        let worker = try fixture.worker { $0.archive = ArchiveLimits() }
        let first = try fixture.enqueue(app: 1)
        let archive = PayloadArchive(connection: try fixture.server.workerConnection())
        try waitUntil("it is archived") { try archive.event(id: first, appID: 1) != nil }

        try waitUntil("it is deleted", seconds: 30) {
            // Again and again, because buffers may shrink.
            let limit = try fixture.server.usedMemory() * 100 / 95
            try fixture.server.command("CONFIG", "SET", "maxmemory", String(limit))
            return try archive.event(id: first, appID: 1) == nil
        }
        let second = try fixture.enqueue(app: 1)
        try fixture.waitUntilEmpty()
        #expect(try archive.event(id: second, appID: 1) == nil)

        try fixture.server.command("CONFIG", "SET", "maxmemory", "1gb")
        try waitUntil("it is archived again") {
            let next = try fixture.enqueue(app: 1)
            try fixture.waitUntilEmpty()
            return try archive.event(id: next, appID: 1) != nil
        }
        #expect(
            fixture.log.count("Redis is short of memory: payloads are deleted, and no more archived for redelivery")
                == 1)
        #expect(fixture.log.count("payloads are archived again") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func memoryIsShortFrom90UntilBelow85Percent() {
        var pressure = MemoryPressure()
        let isShort = [89, 90, 86, 85, 84, 89].map { percent in
            pressure.note(RedisMemory(usedBytes: percent, maximumBytes: 100))
            return pressure.isShort
        }
        #expect(isShort == [false, true, true, true, false, false])
        pressure.note(RedisMemory(usedBytes: 1000, maximumBytes: 0))
        #expect(!pressure.isShort)
        pressure.note(nil)
        #expect(!pressure.isShort)
    }
}
