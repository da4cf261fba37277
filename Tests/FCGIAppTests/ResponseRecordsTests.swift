import Foundation
import Handlers
import Model
import System
import TestSupport
import Testing

@testable import FCGIApp

/// A response as FastCGI records.
@Suite
struct ResponseRecordsTests {
    @Test(arguments: [1, 7, 65527, 65528, 65529, 3 * 65528, 1_000_000])
    func everyByteArrivesThenTheEndOfTheOutputAndOfTheRequest(count: Int) throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("", to: "records")
        let descriptor = open(path, O_WRONLY)
        let response = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }

        let isWritten = ResponseRecords(requestID: 0x102, descriptor: descriptor).write(response)

        close(descriptor)
        #expect(isWritten)
        let records = try Self.records(in: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(records.dropLast(2).allSatisfy { $0.type == 6 && !$0.content.isEmpty })
        #expect(Array(records.dropLast(2).flatMap(\.content)) == response)
        #expect(records.suffix(2).map(\.type) == [6, 3])
        #expect(records.suffix(2).map(\.content) == [[], [UInt8](repeating: 0, count: 8)])
    }

    @Test(arguments: [(0, 0), (1, 0), (0, 1), (65529, 70_000), (700, 600 * 65528)])
    func headAndBodyFollowEachOther(headCount: Int, bodyCount: Int) throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("", to: "records")
        let descriptor = open(path, O_WRONLY)
        let head = [UInt8](repeating: 1, count: headCount)
        let body = [UInt8](repeating: 2, count: bodyCount)

        let isWritten = ResponseRecords(requestID: 0x102, descriptor: descriptor).write(head, body: body)

        close(descriptor)
        #expect(isWritten)
        let records = try Self.records(in: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(records.dropLast(2).reduce(into: []) { $0 += $1.content } == head + body)
        #expect(records.suffix(2).map(\.type) == [6, 3])
    }

    @Test func aWriteInterruptedBySignalsContinues() throws {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        let (near, far) = (pair[0], pair[1])
        var size: Int32 = 16 << 10
        setsockopt(near, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        try #require(sigaction(SIGURG, &action, nil) == 0)
        let response = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let writer = Lock<pthread_t?>(nil)
        let outcome = Lock((isWritten: false, received: [UInt8]()))

        try runThreads(count: 2, seconds: 60) { number in
            if number == 0 {
                var signals = sigset_t()
                sigemptyset(&signals)
                sigaddset(&signals, SIGURG)
                // Threads of tests begin with every signal blocked.
                pthread_sigmask(SIG_UNBLOCK, &signals, nil)
                writer.withLock { $0 = pthread_self() }
                let isWritten = ResponseRecords(requestID: 0x102, descriptor: near).write(response)
                writer.withLock { $0 = nil }
                outcome.withLock { $0.isWritten = isWritten }
                shutdown(near, Int32(SHUT_WR))
                return
            }
            // Reads little at a time, and a signal before each: the writer, who has far more, waits most of the time.
            var space = [UInt8](repeating: 0, count: 5001)
            while true {
                writer.withLock { if let writer = $0 { pthread_kill(writer, SIGURG) } }
                let count = read(far, &space, space.count)
                guard count > 0 else { return }
                outcome.withLock { $0.received += space.prefix(count) }
            }
        }

        #expect(outcome.withLock { $0.isWritten })
        let records = try Self.records(in: outcome.withLock { $0.received })
        #expect(Array(records.dropLast(2).flatMap(\.content)) == response)
        #expect(records.suffix(2).map(\.type) == [6, 3])
    }

    @Test func aWriteToAClosedDescriptorFails() {
        #expect(!ResponseRecords(requestID: 1, descriptor: -1).write([1]))
    }

    private static func records(in bytes: [UInt8]) throws -> [(type: UInt8, content: [UInt8])] {
        var records: [(type: UInt8, content: [UInt8])] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let header = Array(rest.prefix(8))
            try #require(header.count == 8)
            #expect(header[0] == 1 && header[2...3] == [1, 2] && header[6...7] == [0, 0])
            let length = Int(header[4]) << 8 | Int(header[5])
            records.append((header[1], Array(rest.dropFirst(8).prefix(length))))
            rest = rest.dropFirst(8 + length)
        }
        return records
    }
}
