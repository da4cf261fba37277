import Foundation
import Glibc
import Model
import ProgramSupport
import System
import TestSupport
import Testing

/// The log in a file that is reopened.
@Suite
struct LogReopeningTests {
    @Test func noLineIsLostOrMixedWhileSeveralThreadsWriteAndTheFileIsMovedRepeatedly() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        let log = try LogWriter(appendingTo: path)
        let (threads, lines) = (4, 500)
        let running = Lock(threads)
        for thread in 0..<threads {
            Thread.detachNewThread {
                for line in 0..<lines {
                    log.write(
                        LogLine(
                            .info, "line", [("thread", .number(Int64(thread))), ("line", .number(Int64(line)))]))
                }
                running.withLock { $0 -= 1 }
            }
        }

        var rotations = 0
        try waitUntil("all lines are written", seconds: 60) {
            let isDone = running.withLock { $0 == 0 }
            guard rename(path, directory.file("log.\(rotations)")) == 0 else { return isDone }
            try log.reopen()
            rotations += 1
            return isDone
        }

        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        let text = try names.map { try String(contentsOfFile: directory.file($0), encoding: .utf8) }.joined()
        let written = text.split(separator: "\n")
        #expect(written.count == threads * lines)
        #expect(written.allSatisfy { $0.hasPrefix("{\"time\":") && $0.hasSuffix("}") })
        #expect(rotations > 0)
        close(log.descriptor)
    }

    @Test func theOldFileIsUsedFurtherWhenReopeningFails() throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("a")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let log = try LogWriter(appendingTo: folder + "/log")
        #expect(rename(folder, directory.file("b")) == 0)

        #expect(throws: FileError("open the log", folder + "/log", code: ENOENT)) { try log.reopen() }
        log.write(LogLine(.info, "line", []))

        #expect(try String(contentsOfFile: directory.file("b/log"), encoding: .utf8).contains("\"message\":\"line\""))
        close(log.descriptor)
    }

    @Test func standardErrorIsNotReopened() throws {
        let log = try LogWriter(appendingTo: nil)

        try log.reopen()

        #expect(log.descriptor == STDERR_FILENO)
    }

    @Test func aPipeIsALogWhileItHasAReaderAndOtherwiseAnErrorWithoutBlocking() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let failure = FileError("open the log", path, reason: "it is a pipe without a reader, or a socket")

        #expect(throws: failure) { try LogWriter(appendingTo: path) }
        #expect(LogFile(path: path).problem() == failure)

        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let log = try LogWriter(appendingTo: path)
        log.write(LogLine(.info, "line", []))
        #expect(fcntl(log.descriptor, F_GETFL) & O_NONBLOCK == 0)
        var bytes = [UInt8](repeating: 0, count: 1000)
        #expect(read(reader, &bytes, bytes.count) > 0)
        close(log.descriptor)
    }

    @Test func aCheckOfTheFileDoesNotCreateIt() throws {
        let directory = try TemporaryDirectory()

        #expect(LogFile(path: directory.file("log")).problem() == nil)
        #expect(LogFile(path: "/nonexistent/log").problem()?.reason == "No such file or directory")
        #expect(access(directory.file("log"), F_OK) != 0)
    }
}

/// The log in a pipe whose reader does not keep up.
@Suite
struct LogPipeTests {
    /// A pipe whose ends are closed with it.
    private final class Pipe: Sendable {
        let reader: Int32
        let writer: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            (reader, writer) = (ends[0], ends[1])
            _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        }

        deinit {
            close(reader)
            close(writer)
        }

        /// Writes until the pipe is full; returns the number of bytes.
        func fill() -> Int {
            _ = fcntl(writer, F_SETFL, O_NONBLOCK)
            defer { _ = fcntl(writer, F_SETFL, 0) }
            let chunk = [UInt8](repeating: UInt8(ascii: "."), count: Int(PIPE_BUF))
            var total = 0
            while case let count = write(writer, chunk, chunk.count), count > 0 { total += count }
            return total
        }

        /// Reads what is there.
        func read() -> [UInt8] {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = Glibc.read(reader, &chunk, chunk.count), count > 0 { bytes += chunk.prefix(count) }
            return bytes
        }

        func readLines() -> [String] {
            String(decoding: read(), as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    /// A thread that reads a number of bytes, for ten seconds at most.
    private final class Reader: Sendable {
        private let bytes = Lock<[UInt8]>([])
        private let isDone = ThreadFlag()

        init(_ pipe: Pipe, count: Int) {
            Thread.detachNewThread { [bytes, isDone] in
                let end = MonotonicTime.now().adding(seconds: 10)
                while bytes.withLock({ $0.count < count }), MonotonicTime.now() < end {
                    let part = pipe.read()
                    bytes.withLock { $0 += part }
                }
                isDone.set()
            }
        }

        func wait() -> [UInt8] {
            _ = isDone.wait(until: .now().adding(.seconds(20)))
            return bytes.withLock { $0 }
        }
    }

    private func line(_ number: Int) -> LogLine { LogLine(plain: Array("line \(number)".utf8)) }

    @Test func aFullPipeDelaysOnlyOneLineAndTheNextLineThatGetsThroughFollowsTheCount() throws {
        let pipe = try Pipe()
        let log = LogWriter(descriptor: pipe.writer)
        let filling = pipe.fill()

        let start = MonotonicTime.now()
        for number in 1...50 { log.write(line(number)) }
        let milliseconds = start.millisecondsUntilNow
        #expect(pipe.read().count == filling)
        log.write(line(51))
        log.write(line(52))

        let lines = pipe.readLines()
        #expect(milliseconds >= LogWriter.maximumWaitMilliseconds)
        #expect(milliseconds < 20 * LogWriter.maximumWaitMilliseconds)
        #expect(lines.count == 3)
        #expect(lines.first?.contains(#""level":"warning","message":"log lines dropped","count":50}"#) == true)
        #expect(lines.dropFirst() == ["line 51", "line 52"])
        #expect(fcntl(pipe.writer, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func aLineThatWaitsGetsThroughWhenTheReaderWakesUp() throws {
        let pipe = try Pipe()
        let filling = pipe.fill()
        let reader = Reader(pipe, count: filling + 7)

        LogWriter(descriptor: pipe.writer).write(line(1))

        #expect(String(decoding: reader.wait().dropFirst(filling), as: UTF8.self) == "line 1\n")
    }

    @Test func aLineLargerThanThePipeIsCompletedInParts() throws {
        let pipe = try Pipe()
        let size = 4 * pipe.fill()
        _ = pipe.read()
        let reader = Reader(pipe, count: size + 1)

        LogWriter(descriptor: pipe.writer).write(LogLine(plain: [UInt8](repeating: UInt8(ascii: "x"), count: size)))

        let bytes = reader.wait()
        #expect(bytes.count == size + 1)
        #expect(bytes.last == UInt8(ascii: "\n"))
    }

    @Test func afterALineThatWasCutOffTheNextOneBeginsOnALineOfItsOwn() throws {
        let pipe = try Pipe()
        let log = LogWriter(descriptor: pipe.writer)
        let capacity = pipe.fill()
        _ = pipe.read()

        log.write(LogLine(plain: [UInt8](repeating: UInt8(ascii: "x"), count: 2 * capacity)))
        let cut = pipe.read()
        log.write(line(2))

        #expect(cut.count == capacity)
        #expect(cut.allSatisfy { $0 == UInt8(ascii: "x") })
        let text = String(decoding: pipe.read(), as: UTF8.self)
        #expect(text.hasPrefix("\n{\"time\":"))
        #expect(text.hasSuffix("\"message\":\"log lines dropped\",\"count\":1}\nline 2\n"))
    }

    @Test func withoutAReaderLinesAreDroppedWithoutASignal() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }

        LogWriter(descriptor: ends[1]).write(line(1))
    }

    @Test func aDescriptorThatAnotherProcessMadeNonBlockingDropsNothingWhileItIsRead() throws {
        let pipe = try Pipe()
        _ = fcntl(pipe.writer, F_SETFL, O_NONBLOCK)
        let log = LogWriter(descriptor: pipe.writer)

        for number in 1...100 { log.write(line(number)) }

        #expect(pipe.readLines().count == 100)
    }
}
