import Model
import Queue
import Redis
import TestSupport
import Testing

/// Several events are read at once, within a limit of bytes.
@Suite struct ArchivedRecordsTests {
    private let server: RedisServer
    private let archive: PayloadArchive

    init() throws {
        server = try RedisServer()
        archive = PayloadArchive(connection: try server.connection())
    }

    private func store(_ numbers: ClosedRange<Int>, bytes: Int = 100, appID: Int64 = 7) throws {
        try archive.store(
            numbers.map { number in
                ArchiveEntry(
                    event: ArchivedEvent(
                        id: QueueEntry.sampleID(number), appID: appID, event: "issue.created", enqueuedAt: testNow,
                        payload: [UInt8](repeating: UInt8(number), count: bytes)),
                    isError: false, isNew: true)
            }, now: testNow)
    }

    private func ids(_ numbers: ClosedRange<Int>) -> ArraySlice<String> { numbers.map(QueueEntry.sampleID)[...] }

    @Test func recordsComeInTheOrderOfTheirIds() throws {
        try store(1...3)
        try store(5...5, appID: 8)

        let read = try archive.records(ids: ids(1...5), appID: 7, byteLimit: 1 << 20)

        #expect(read.records.map(\.event?.payload.first) == [1, 2, 3, nil, nil])
        #expect((300...900).contains(read.byteCount))
    }

    @Test func noMoreIsReadBehindTheLimit() throws {
        try store(1...9, bytes: 1000)

        let read = try archive.records(ids: ids(1...9), appID: 7, byteLimit: 2500)

        #expect(read.records.map(\.event?.payload.count) == [1000, 1000, 1000])
        #expect(try archive.records(ids: ids(9...9), appID: 7, byteLimit: 0).records.count == 1)
        #expect(try archive.records(ids: [], appID: 7, byteLimit: 1).records.isEmpty)
    }

    @Test func oneCallReadsNoMoreEventsThanAScriptMay() throws {
        #expect(try archive.records(ids: ids(1...200), appID: 7, byteLimit: .max).records.count == 50)
    }

    @Test func aKeyOfAnotherTypeIsNoEvent() throws {
        try store(2...2)
        try server.command("SET", "hookline:{app:7}:event:\(QueueEntry.sampleID(1))", "x")

        let read = try archive.records(ids: ids(1...2), appID: 7, byteLimit: 1 << 20)

        #expect(read.records.map { $0.event != nil } == [false, true])
    }
}
