import Foundation
import TestSupport
import Testing

/// The responder's memory.
@Suite
struct MemoryTests {
    private static let readCount = 8
    /// Of one read's memory, without the pieces that are smaller.
    private static let kilobytesPerRead = 1024

    @Test func whatManyReadsAtTheSameTimeNeedGoesBackToTheSystemAfterThem() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(
            // With one more, no read is refused because the others wait.
            ["--threads", "\(Self.readCount + 1)", "--redis-command-ms", "30000", "--log-cache-bytes", "0"],
            redis: redis.url)
        let user = SampleDirectory.signedIn
        #expect(try responder.get(SampleDirectory.log, user).status == 200)
        let before = try dataKilobytes(of: responder)
        redis.process.send(signal: SIGSTOP)
        let clients = try (0..<Self.readCount).map { _ in try responder.client() }
        for client in clients {
            try client.sendRequest(FastCGIClient.parameters("GET", SampleDirectory.log, user))
        }

        // One piece was there already.
        try waitUntil("all of them have memory to read in", seconds: 20) {
            try dataKilobytes(of: responder) >= before + (Self.readCount - 1) * Self.kilobytesPerRead
        }
        redis.process.send(signal: SIGCONT)
        for client in clients { #expect(try client.readResponse().status == 200) }

        try waitUntil("it is given back", seconds: 20) {
            try dataKilobytes(of: responder) < before + Self.kilobytesPerRead
        }
    }

    /// The size of what the process may write to, whether it has or not.
    private func dataKilobytes(of responder: TestResponder) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(responder.process.pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmData:") })
        return try #require(Int(line.split(separator: " ").dropLast().last ?? ""))
    }
}
