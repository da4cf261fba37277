import Foundation
import TestSupport
import Testing

/// Hookline-worker reloads and is watched.
@Suite
struct ReloadTests {
    /// A worker with a settings file, and the processes that follow it.
    private final class Stage {
        let directory: TemporaryDirectory
        let process: ChildProcess
        private let settings: String

        init(redis: String, environment: [String: String] = [:]) throws {
            directory = try TemporaryDirectory()
            settings = """
                HOOKLINE_REDIS=\(redis)
                HOOKLINE_DIRECTORY=\(try TestWorker.makeDirectory(in: directory))

                """
            let path = try directory.write(settings, to: "settings")
            process = try ChildProcess(
                [BuiltProducts.path("hookline-worker"), "--settings-file", path],
                environment: TestWorker.environment(environment))
        }

        deinit {
            for process in processes where command(process).contains(directory.path) { kill(process, SIGKILL) }
        }

        func changeSettings(_ line: String) throws {
            try directory.write(settings + line + "\n", to: "settings")
        }

        func logLines(_ message: String) -> [[String: Any]] {
            process.standardError.split(separator: "\n").compactMap { line in
                try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            }.filter { $0["message"] as? String == message }
        }

        func waitForLog(_ message: String, count: Int = 1) throws {
            do {
                try waitUntil("\"\(message)\"", seconds: 40) { logLines(message).count >= count }
            } catch {
                throw TestSupportError("no line \"\(message)\" in:\n\(process.standardError)")
            }
        }

        /// Every process that has ever delivered, in their order.
        var processes: [Int32] { logLines("delivering").compactMap { $0["process"] as? Int }.map(Int32.init) }

        func waitForEnd(of process: Int32) throws {
            try waitUntil("process \(process) ends", seconds: 40) { !command(process).contains(directory.path) }
        }

        private func command(_ process: Int32) -> String {
            (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
        }
    }

    /// USR2 starts a new worker with the settings of the day, and the old one drains; the service manager hears it.
    @Test func usr2StartsANewWorkerWithTheSettingsOfTheDayAndTheOldOneDrains() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket()
        let stage = try Stage(redis: redis.url, environment: ["NOTIFY_SOCKET": manager.address])
        try stage.waitForLog("Redis connected")
        #expect(try manager.next().first == "READY=1")
        try stage.changeSettings("HOOKLINE_CONCURRENCY=17")

        stage.process.send(signal: SIGUSR2)
        #expect(try stage.process.waitForExit(seconds: 40) == .exited(0))
        let new = try #require(stage.processes.last)

        #expect(stage.processes.count == 2)
        #expect(stage.logLines("delivering").last?["concurrency"] as? Int == 17)
        #expect(try manager.next().first == "RELOADING=1")
        #expect(try manager.next() == ["MAINPID=\(new)", "READY=1", "STATUS=Serving"])
        kill(new, SIGTERM)
        try stage.waitForEnd(of: new)
        #expect(try manager.next().first == "STOPPING=1")
        #expect(stage.logLines("stopped").count == 2)
    }

    @Test func withAWrongConfigurationTheOldWorkerGoesOn() throws {
        let redis = try RedisServer()
        let stage = try Stage(redis: redis.url)
        try stage.waitForLog("Redis connected")
        try stage.changeSettings("HOOKLINE_CONCURRENCY=many")

        stage.process.send(signal: SIGUSR2)
        try stage.waitForLog("reload failed, the process continues unchanged")

        #expect(stage.process.isRunning)
        #expect(stage.processes.count == 1)
        stage.process.send(signal: SIGTERM)
        #expect(try stage.process.waitForExit() == .exited(0))
    }

    @Test func theWatchdogIsNotifiedWhetherOrNotRedisResponds() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket()
        let worker = try TestWorker(
            ["--redis-command-ms", "200"], redis: redis.url,
            environment: ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "2000000"])
        try worker.waitForLog("Redis connected")
        for _ in 0..<2 { try manager.wait(for: "WATCHDOG=1") }

        redis.process.send(signal: SIGSTOP)
        for _ in 0..<3 { try manager.wait(for: "WATCHDOG=1") }

        redis.process.send(signal: SIGCONT)
        #expect(worker.process.isRunning)
    }

    @Test func theWatchdogIsNotNotifiedWhileTheThreadsAreStuck() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket()
        let worker = try TestWorker(
            ["--redis-command-ms", "60000"], redis: redis.url,
            environment: ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000000"])
        try worker.waitForLog("Redis connected")
        try manager.wait(for: "WATCHDOG=1")
        let complaint = "no thread makes progress: the watchdog is not notified"

        redis.process.send(signal: SIGSTOP)
        try waitUntil("a whole interval is over without a sign") { !worker.logLines(message: complaint).isEmpty }
        _ = manager.waiting
        try waitUntil("another one is") { worker.logLines(message: complaint).count >= 3 }

        #expect(manager.waiting == [])
        redis.process.send(signal: SIGCONT)
        try manager.wait(for: "WATCHDOG=1")
    }

    @Test func theLogGoesToItsFileAndUsr1ReopensIt() throws {
        let redis = try RedisServer()
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        let worker = try TestWorker(["--log-file", path], redis: redis.url)
        try waitUntil("the worker logs into its file", seconds: 20) { text(path).contains("Redis connected") }
        #expect(rename(path, directory.file("old")) == 0)

        worker.process.send(signal: SIGUSR1)
        try waitUntil("the log is opened anew") { text(path).contains("log opened") }
        worker.process.send(signal: SIGTERM)

        #expect(try worker.process.waitForExit() == .exited(0))
        #expect(text(path).contains("\"stopped\""))
        #expect(worker.process.standardError == "")
    }

    private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
