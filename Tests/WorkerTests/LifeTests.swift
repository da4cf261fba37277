import Foundation
import TestSupport
import Testing

/// The life of hookline-worker.
@Suite
struct LifeTests {
    @Test(arguments: [SIGTERM, SIGINT, SIGQUIT])
    func termINTAndQUITEndItInOrder(signal: Int32) throws {
        let redis = try RedisServer()
        let worker = try TestWorker(redis: redis.url)
        try worker.waitForLog("Redis connected")

        worker.process.send(signal: signal)

        #expect(try worker.process.waitForExit() == .exited(0))
        #expect(worker.logLines(message: "draining").first?["signal"] as? Int == Int(signal))
        #expect(worker.logLines(message: "stopped").count == 1)
    }

    @Test func startsWhileRedisIsDownSaysSoOnceAndGoesOnWhenItComesUp() throws {
        let directory = try TemporaryDirectory()
        let worker = try TestWorker(redis: "unix:\(directory.file("redis.sock"))")
        try worker.waitForLog("waiting for Redis")

        let redis = try RedisServer(directory: directory)
        try worker.waitForLog("Redis connected")
        worker.process.send(signal: SIGTERM)

        #expect(redis.process.isRunning)
        #expect(try worker.process.waitForExit() == .exited(0))
        #expect(worker.logLines(message: "waiting for Redis").count == 1)
        #expect(worker.logLines(message: "Redis may lose events").count == 1)
    }

    @Test func canBeStoppedWhileItWaitsForRedis() throws {
        let worker = try TestWorker(redis: "unix:/nonexistent/redis.sock")
        try worker.waitForLog("waiting for Redis")

        worker.process.send(signal: SIGTERM)

        #expect(try worker.process.waitForExit() == .exited(0))
    }

    /// Can be stopped while Redis takes connections and says nothing, however long it may take by the settings.
    @Test func canBeStoppedWhileRedisTakesConnectionsAndSaysNothing() throws {
        let redis = try RedisServer()
        redis.process.send(signal: SIGSTOP)
        let worker = try TestWorker(["--redis-command-ms", "60000", "--redis-connect-ms", "60000"], redis: redis.url)
        try worker.waitForLog("waiting for Redis")

        worker.process.send(signal: SIGTERM)
        try worker.waitForLogOrEnd("draining")
        redis.process.send(signal: SIGCONT)

        #expect(try worker.process.waitForExit() == .exited(0))
    }

    @Test func aSecondSignalEndsItAtOnceWhateverTheFirstIsWaitingFor() throws {
        let redis = try RedisServer()
        let worker = try TestWorker(["--redis-command-ms", "60000", "--drain-seconds", "60"], redis: redis.url)
        try worker.waitForLog("Redis connected")
        redis.process.send(signal: SIGSTOP)

        worker.process.send(signal: SIGTERM)
        try worker.waitForLog("draining")
        worker.process.send(signal: SIGINT)
        let status = try worker.process.waitForExit()
        redis.process.send(signal: SIGCONT)

        #expect(status == .exited(128 + SIGINT))
        #expect(worker.logLines(message: "stopped at once by a second signal").count == 1)
    }

    @Test func sigpipeDoesNotEndIt() throws {
        let redis = try RedisServer()
        let worker = try TestWorker(redis: redis.url)
        try worker.waitForLog("Redis connected")

        worker.process.send(signal: SIGPIPE)
        worker.process.send(signal: SIGTERM)

        #expect(try worker.process.waitForExit() == .exited(0))
    }

    @Test func logsJSONLinesOnlyAtItsLevelAndAbove() throws {
        let redis = try RedisServer()
        let worker = try TestWorker(["--log-level", "warning"], redis: redis.url)
        try worker.waitForLog("Redis may lose events")

        worker.process.send(signal: SIGTERM)

        #expect(try worker.process.waitForExit() == .exited(0))
        let lines = worker.process.standardError.split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("{\"time\":\"") && $0.hasSuffix("}") })
        #expect(!lines.contains { $0.contains("\"level\":\"info\"") })
    }
}
