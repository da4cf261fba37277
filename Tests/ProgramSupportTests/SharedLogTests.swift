import Foundation
import Glibc
import System
import TestSupport
import Testing

@testable import ProgramSupport

/// A log that is shared with other writers, one of which takes the space between `poll` and `write`.
@Suite
struct SharedLogTests {
    enum Kind: CaseIterable {
        case pipe, stream, datagrams, terminal
    }

    /// What the log is written to, and its reader; closed with it.
    private final class Channel: Sendable {
        let reader: Int32
        let writer: Int32
        /// Another writer's own description where there is one: a socket has none.
        private let other: Int32

        init(_ kind: Kind) throws {
            var ends: [Int32] = [-1, -1]
            switch kind {
            case .pipe: try #require(Glibc.pipe(&ends) == 0)
            case .stream: try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            case .datagrams: try #require(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &ends) == 0)
            case .terminal:
                var (reader, writer): (Int32, Int32) = (-1, -1)
                try #require(openpty(&reader, &writer, nil, nil, nil) == 0)
                ends = [reader, writer]
            }
            (reader, writer) = (ends[0], ends[1])
            switch kind {
            case .pipe, .terminal: other = open("/proc/self/fd/\(writer)", O_WRONLY | O_NONBLOCK | O_NOCTTY)
            case .stream, .datagrams: other = -1
            }
        }

        deinit {
            for descriptor in [reader, writer, other] where descriptor >= 0 { close(descriptor) }
        }

        /// Writes without blocking until nothing fits any more, as another process would.
        func fill() {
            let chunk = [UInt8](repeating: UInt8(ascii: "."), count: 1024)
            for size in [chunk.count, 1] {
                while other >= 0
                    ? Glibc.write(other, chunk, size) > 0 : send(writer, chunk, size, Int32(MSG_DONTWAIT)) > 0
                {}
            }
        }

        /// Reads what is there.
        func read() -> String {
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = Glibc.read(reader, &bytes, bytes.count)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }

        var isBlocking: Bool { fcntl(writer, F_GETFL) & O_NONBLOCK == 0 }
    }

    @Test(arguments: Kind.allCases)
    func aLineIsDroppedWhenAnotherWriterTakesTheSpaceThatWasReported(kind: Kind) throws {
        let channel = try Channel(kind)
        let tries = Lock(0)
        let output = LogOutput(
            channel.writer,
            willWrite: {
                tries.withLock { $0 += 1 }
                channel.fill()
            })
        let log = LogWriter(descriptor: channel.writer, output: output)
        let isDone = ThreadFlag()

        Thread.detachNewThread {
            for number in 1...3 { log.write(LogLine(plain: Array("line \(number)".utf8))) }
            isDone.set()
        }

        // A blocked write would never end: nobody reads.
        #expect(isDone.wait(until: .now().adding(.seconds(20))))
        #expect(tries.withLock { $0 } >= 1)
        #expect(channel.isBlocking)
    }

    @Test(arguments: Kind.allCases)
    func whatIsReadGetsThroughAndTheSharedDescriptorStaysBlocking(kind: Kind) throws {
        let channel = try Channel(kind)
        let log = LogWriter(descriptor: channel.writer)

        log.write(LogLine(plain: Array("line".utf8)))

        #expect(channel.read().hasPrefix("line"))
        #expect(channel.isBlocking)
    }

    @Test func aPipeThatCannotBeOpenedAgainIsWaitedForAllTheSame() throws {
        let channel = try Channel(.pipe)
        let output = LogOutput(channel.writer, openAgain: { _ in -1 })
        let log = LogWriter(descriptor: channel.writer, output: output)

        log.write(LogLine(plain: Array("line 1".utf8)))
        channel.fill()
        for number in 2...50 { log.write(LogLine(plain: Array("line \(number)".utf8))) }

        let before = channel.read()
        log.write(LogLine(plain: Array("line 51".utf8)))
        let text = before + channel.read()
        #expect(text.hasPrefix("line 1\n."))
        #expect(text.contains("\"message\":\"log lines dropped\",\"count\":49}\nline 51\n"))
        #expect(channel.isBlocking)
    }

    @Test func aReopenedLogClosesTheDescriptionOfThePipeBefore() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let log = try LogWriter(appendingTo: path)
        try #require(rename(path, directory.file("old")) == 0)

        try log.reopen()
        log.write(LogLine(plain: Array("line".utf8)))

        // No writer is left: the end of the file, and not EAGAIN.
        var byte: UInt8 = 0
        #expect(read(reader, &byte, 1) == 0)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "line\n")
        close(log.descriptor)
    }
}
