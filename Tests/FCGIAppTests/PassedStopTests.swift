import Foundation
import TestSupport
import Testing

/// A stop that comes by way of the predecessor.
@Suite
struct PassedStopTests {
    @Test func isTheSameAsTheOneThatWhoeverAskedBothSendsToTheNewProcessItself() throws {
        let directory = try TemporaryDirectory()
        let socketPath = directory.file("s.sock")
        #expect(mkfifo(directory.file("pipe"), 0o600) == 0)
        let reader = open(directory.file("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let writer = open(directory.file("pipe"), O_WRONLY | O_CLOEXEC)
        // This process plays the predecessor: 3 is where the new one says that it serves.
        let process = try ChildProcess(
            [
                BuiltProducts.path("hookline-fcgi"), "--listen", "unix:\(socketPath)", "--redis",
                TestResponder.noRedis, "--directory", SampleDirectory.make(in: directory), "--io-seconds", "60",
                "--drain-seconds", "60",
            ], environment: TestResponder.environment(["HOOKLINE_HANDOVER": "\(getpid()) "]),
            inheriting: [(writer, 3)])
        close(writer)
        var report: UInt8 = 0
        try waitUntil("it serves: \(process.standardError)", seconds: 20) { read(reader, &report, 1) == 1 }
        try waitUntil("it has closed the pipe", seconds: 20) { read(reader, &report, 1) == 0 }
        let slow = try SlowRequest(socketPath: socketPath, process: process.pid)

        for _ in 0..<2 {
            process.send(signal: SIGTERM)
            try waitUntil("the signal is taken") { try ReloadingResponder.pendingSignals(process.pid) == 0 }
        }
        #expect(try ChildProcess.run(["sh", "-c", "kill -TERM \(process.pid)"]).status == .exited(0))
        try waitUntil("the signal is taken") { try ReloadingResponder.pendingSignals(process.pid) == 0 }

        #expect(try slow.finish().status == 200)
        #expect(try process.waitForExit() == .exited(0))
    }
}
