import Foundation
import TestSupport
import Testing

/// A worker that is started without standard input, output and error.
@Suite struct ClosedDescriptorTests {
    @Test func closedStandardDescriptorsAreNotTakenByConnections() throws {
        let redis = try RedisServer()
        let folder = try TemporaryDirectory()
        let log = folder.file("log")
        let process = try ChildProcess(
            [
                "/bin/sh", "-c", "exec \"$0\" \"$@\" <&- >&- 2>&-", BuiltProducts.path("hookline-worker"), "--redis",
                redis.url, "--directory", TestWorker.makeDirectory(in: folder), "--log-file", log,
            ], environment: TestWorker.environment([:]))

        try waitUntil("the worker uses Redis", seconds: 20) {
            (try? String(contentsOfFile: log, encoding: .utf8))?.contains("Redis connected") == true
        }

        for descriptor in 0...2 {
            let target = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(process.pid)/fd/\(descriptor)")
            #expect(target == "/dev/null")
        }
    }
}
