import Foundation
import TestSupport
import Testing

/// A peer that misbehaves.
@Suite
struct HostilePeerTests {
    private let ping = FastCGIClient.parameters("GET", "/-/ping")

    @Test func thatConnectsAndSaysNothingHoldsNoThreadAndIsLetGoAfterTheDeadline() throws {
        let responder = try TestResponder(["--threads", "1", "--io-seconds", "1"])
        let silent = try (0..<20).map { _ in try responder.client() }

        let response = try responder.get("/-/ping")

        #expect(response.status == 200)
        for client in silent { try client.waitForClose() }
    }

    @Test(arguments: [
        Array(FastCGIClient.beginning().prefix(3)), FastCGIClient.beginning(),
        FastCGIClient.beginning() + FastCGIClient.record(.parameters, [14, 3, 82]),
        FastCGIClient.beginning() + FastCGIClient.record(.parameters, [0x8F, 0xFF, 0xFF, 0xFF, 0]),
        FastCGIClient.beginning()
            + FastCGIClient.stream(.parameters, FastCGIClient.encoded(FastCGIClient.parameters("GET", "/-/ping"))),
        FastCGIClient.beginning()
            + FastCGIClient.stream(
                .parameters,
                FastCGIClient.encoded(FastCGIClient.parameters("POST", "/-/ping", [("CONTENT_LENGTH", "9")])))
            + FastCGIClient.record(.standardInput, [1, 2, 3]),
    ])
    func thatStopsInTheMiddleOfARequestFreesItsThreadAfterTheDeadline(bytes: [UInt8]) throws {
        let responder = try TestResponder(["--threads", "1", "--io-seconds", "1"])
        let stuck = try responder.client()
        try stuck.send(bytes)

        let response = try responder.get("/-/ping")

        #expect(response.status == 200)
        try stuck.waitForClose()
    }

    @Test func thatStopsInTheMiddleOfARequestHoldsUpNoOtherThread() throws {
        let responder = try TestResponder(["--threads", "3", "--io-seconds", "60"])
        let stuck = try (0..<2).map { _ in try responder.client() }
        for client in stuck { try client.send(Array(FastCGIClient.beginning())) }

        for _ in 0..<20 { #expect(try responder.get("/-/ping").status == 200) }

        withExtendedLifetime(stuck) {}
    }

    @Test func thatSendsOneByteNowAndThenDoesNotPutTheDeadlineOff() throws {
        let responder = try TestResponder(["--threads", "1", "--io-seconds", "1"])
        let slow = try responder.client()
        let bytes = FastCGIClient.beginning() + FastCGIClient.stream(.parameters, FastCGIClient.encoded(ping))

        var sent = 0
        try waitUntil("the responder ends the connection") {
            if !slow.isSilent { return true }
            try? slow.send([bytes[sent % bytes.count]])
            sent += 1
            return false
        }

        #expect(try responder.get("/-/ping").status == 200)
    }

    /// A Redis whose log is more than a socket takes at once.
    private func redisWithLargeLog() throws -> RedisServer {
        let redis = try RedisServer()
        let row =
            "{\"date\":\"2026-01-02 03:04:05+00:00\",\"response_code\":200,\"webhook_url\":\""
        let filler = String(repeating: "x", count: 60_000)
        for _ in 0..<100 {
            try redis.command("LPUSH", "sentry-app-webhook-request:{1}:issue.created", row + filler + "\"}")
        }
        return redis
    }

    @Test func doesNotCostOthersTheirAnswerARequestWaitsForAThreadBeyondTheTimeThatSilenceHas() throws {
        let redis = try redisWithLargeLog()
        let responder = try TestResponder(["--threads", "1", "--io-seconds", "1"], redis: redis.url)
        let patient = try responder.client()
        // Answered after the connection above was accepted: that one is older than the slow reader's request.
        _ = try responder.get("/-/ping")
        let reader = try responder.client()

        try reader.sendRequest(
            FastCGIClient.parameters("GET", SampleDirectory.log, SampleDirectory.signedIn))
        try waitUntil("the slow reader has the only thread") { !reader.isSilent }
        try patient.sendRequest(FastCGIClient.parameters("GET", "/-/ping"))

        #expect(try patient.readResponse().status == 200)
    }

    @Test func thatDoesNotReadItsResponseIsDisconnectedAfterTheDeadline() throws {
        let redis = try redisWithLargeLog()
        let responder = try TestResponder(["--threads", "1", "--io-seconds", "1"], redis: redis.url)
        let reader = try responder.client()

        try reader.sendRequest(
            FastCGIClient.parameters("GET", SampleDirectory.log, SampleDirectory.signedIn))
        let other = try responder.get("/-/ping")

        #expect(other.status == 200)
        // On a busy machine the thread may take the second request first.
        let slowLines = {
            responder.logLines(message: "request").filter { $0["path"] as? String == SampleDirectory.log }
        }
        try waitUntil("the slow reader's line is there") { !slowLines().isEmpty }
        let line = try #require(slowLines().first)
        #expect(line["status"] as? Int == 200)
        #expect(line["bytes"] as? Int == 0)
    }

    @Test(arguments: 0..<4)
    func thatSendsNoiseDoesNotEndTheProgram(round: Int) throws {
        let responder = try TestResponder(["--threads", "2", "--io-seconds", "1"])
        var generator = SeededGenerator(seed: UInt64(round) + 1)

        for _ in 0..<100 {
            let client = try responder.client()
            try? client.send(generator.noise())
        }

        #expect(try responder.get("/-/ping").status == 200)
        #expect(responder.process.isRunning)
    }

    @Test(arguments: 0..<4)
    func thatSendsAGoodRequestWithOneByteChangedDoesNotEndTheProgram(round: Int) throws {
        let responder = try TestResponder(["--threads", "2", "--io-seconds", "1"])
        var generator = SeededGenerator(seed: UInt64(round) + 100)
        let good =
            FastCGIClient.beginning() + FastCGIClient.stream(.parameters, FastCGIClient.encoded(ping))
            + FastCGIClient.stream(.standardInput, [])

        for _ in 0..<100 {
            var bytes = good
            bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            let client = try responder.client()
            try? client.send(bytes)
        }

        #expect(try responder.get("/-/ping").status == 200)
        #expect(responder.process.isRunning)
    }

    @Test func thatOpensMoreConnectionsThanThereAreDescriptorsDoesNotShutOthersOut() throws {
        let responder = try TestResponder(["--threads", "2", "--io-seconds", "60"], descriptorLimit: 64)
        let silent = try (0..<200).map { _ in try responder.client() }

        let statuses = try (0..<5).map { _ in try responder.get("/-/ping").status }

        #expect(statuses == [200, 200, 200, 200, 200])
        #expect(silent.contains { !$0.isSilent })
    }

    @Test func thatDisconnectsBeforeItsResponseDoesNotEndTheProgram() throws {
        let responder = try TestResponder(["--threads", "1"])

        for _ in 0..<50 { try responder.client().sendRequest(ping) }

        #expect(try responder.get("/-/ping").status == 200)
    }
}

/// Always the same numbers for the same seed (xorshift64).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// Bytes of which the first often look like a record's header.
    mutating func noise() -> [UInt8] {
        var bytes = (0..<Int(next() % 300)).map { _ in UInt8(truncatingIfNeeded: next()) }
        if next() % 2 == 0, bytes.count > 8 {
            bytes.replaceSubrange(0..<8, with: [1, UInt8(next() % 12), 0, 1, 0, 8, 0, 0])
        }
        return bytes
    }
}
