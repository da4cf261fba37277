import Foundation
import Model
import ProgramSupport
import System
import TestSupport
import Testing

/// A log that is opened anew.
@Suite
struct LogReopeningTests {
    @Test func noLineIsLostOrBrokenWhileSeveralThreadsWriteAndTheFileIsMovedAwayAgainAndAgain() throws {
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

    @Test func whenItCannotBeOpenedAnewTheOldFileGoesOn() throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("a")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let log = try LogWriter(appendingTo: folder + "/log")
        #expect(rename(folder, directory.file("b")) == 0)

        #expect(throws: LogFile.Failure(path: folder + "/log", code: ENOENT)) { try log.reopen() }
        log.write(LogLine(.info, "line", []))

        #expect(try String(contentsOfFile: directory.file("b/log"), encoding: .utf8).contains("\"message\":\"line\""))
        close(log.descriptor)
    }

    @Test func standardErrorStaysWhatItIs() throws {
        let log = try LogWriter(appendingTo: nil)

        try log.reopen()

        #expect(log.descriptor == STDERR_FILENO)
    }

    @Test func aPipeIsALogWhileSomebodyReadsItOneThatNobodyReadsIsSaidAndHoldsNothingUp() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let failure = LogFile.Failure(path: path, code: ENXIO)

        #expect(throws: failure) { try LogWriter(appendingTo: path) }
        #expect(LogFile(path: path).problem() == failure)
        #expect(failure.description.hasSuffix("it is a pipe that nobody reads, or a socket"))

        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let log = try LogWriter(appendingTo: path)
        log.write(LogLine(.info, "line", []))
        #expect(fcntl(log.descriptor, F_GETFL) & O_NONBLOCK == 0)
        var bytes = [UInt8](repeating: 0, count: 1000)
        #expect(read(reader, &bytes, bytes.count) > 0)
        close(log.descriptor)
    }

    @Test func whatStandsInTheWayOfAFileIsFoundWithoutMakingIt() throws {
        let directory = try TemporaryDirectory()

        #expect(LogFile(path: directory.file("log")).problem() == nil)
        #expect(LogFile(path: "/nonexistent/log").problem()?.code == ENOENT)
        #expect(access(directory.file("log"), F_OK) != 0)
    }
}
