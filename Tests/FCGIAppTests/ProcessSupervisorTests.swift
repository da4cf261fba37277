import Foundation
import TestSupport
import Testing

/// The life of a process.
@Suite
struct ProcessLifeTests {
    @Test func afterTheMaximumOfRequestsTheProcessAndEachSuccessorReload() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(["HOOKLINE_MAX_REQUESTS=20"], redis: redis.url)
        #expect(try responder.current() > 0)

        try waitUntil("three processes have served", seconds: 40) {
            let status = try responder.get("/-/ping").status
            #expect(status == 200)
            return responder.processes.count >= 3
        }

        #expect(responder.logLines("reloading").allSatisfy { $0["cause"] as? String == "max-requests" })
        // At most a tenth is taken off.
        let requests = responder.log.split(separator: "\n").prefix { !$0.contains("\"message\":\"reloading\"") }
        #expect(requests.count { $0.contains("\"message\":\"request\"") } >= 18)
    }

    @Test func atItsAgeTheProcessReloadsItself() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(["HOOKLINE_MAX_AGE_SECONDS=1"], redis: redis.url)

        try responder.waitForLog("handed over", count: 2)

        #expect(responder.logLines("reloading").allSatisfy { $0["cause"] as? String == "max-age-seconds" })
    }

    @Test func aReloadByALimitThatFailsIsNotRepeatedAtOnce() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(["HOOKLINE_MAX_REQUESTS=5"], redis: redis.url)
        let process = try responder.current()
        try responder.replaceProgram(script: "exit 78")

        try waitUntil("a reload has failed", seconds: 20) {
            let status = try responder.get("/-/ping").status
            #expect(status == 200)
            return !responder.logLines("reload failed, the process continues unchanged").isEmpty
        }
        for _ in 0..<100 { #expect(try responder.get("/-/ping").status == 200) }
        // Signals are taken in the loop that looks at the limits, too.
        kill(process, SIGUSR1)
        try responder.waitForLog("log opened")

        #expect(responder.logLines("reloading").count == 1)
    }

    @Test func thePIDFileFollowsTheProcessThatServesAndGoesWithTheLastOne() throws {
        let redis = try RedisServer()
        let directory = try TemporaryDirectory()
        let path = directory.file("pid")
        let responder = try ReloadingResponder(["HOOKLINE_PID_FILE=\(path)"], redis: redis.url)
        let old = try responder.current()
        try waitUntil("the PID file is there") { text(path) == "\(old)\n" }

        let new = try responder.reload()

        try waitUntil("the PID file names the new process") { text(path) == "\(new)\n" }
        try responder.stop()
        #expect(access(path, F_OK) != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    @Test func anUnwritablePIDFileIsReportedByTheCheckAndAtTheStart() throws {
        let check = try TestResponder.runToEnd(["--check", "--pid-file", "/nonexistent/pid"])
        let start = try TestResponder.runToEnd(["--pid-file", "/nonexistent/pid"])

        for result in [check, start] {
            #expect(result.status == .exited(78))
            #expect(result.error.contains("cannot write the PID file /nonexistent/pid: No such file or directory"))
        }
    }

    @Test func aNewProcessThatCannotWriteItsPIDFileTakesNoRequestFromTheOldOne() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        let process = try responder.current()
        try responder.changeSettings(["HOOKLINE_PID_FILE=/nonexistent/pid"])
        // A check that would not have found it.
        try responder.replaceProgram(
            script: "case \"$*\" in *--check*) exit 0;; esac\nexec \(BuiltProducts.path("hookline-fcgi")) \"$@\"")

        kill(process, SIGUSR2)
        try responder.waitForLog("reload failed, the process continues unchanged")

        #expect(responder.processes == [process], "a new process has served: \(responder.log)")
        let failure = responder.logLines("reload failed, the process continues unchanged").first
        #expect(
            failure?["reason"] as? String
                == "the new process ended with exit status 78: "
                + "cannot write the PID file /nonexistent/pid: No such file or directory")
        #expect(try responder.get("/-/ping").status == 200)
    }

    private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    @Test func theLogGoesToItsFileUsr1ReopensItAndNoLineIsLost() throws {
        let redis = try RedisServer()
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        let responder = try TestResponder(["--log-file", path], redis: redis.url)
        var requestCount = 0

        for round in 0..<5 {
            for _ in 0..<20 { #expect(try responder.get("/-/ping").status == 200) }
            requestCount += 20
            #expect(rename(path, directory.file("log.\(round)")) == 0)
            responder.process.send(signal: SIGUSR1)
            try waitUntil("the log is reopened") {
                TestResponder.logLines(text(path) ?? "", message: "log opened").count == 1
            }
        }

        #expect(try responder.stop() == .exited(0))
        let logs = (0..<5).compactMap { text(directory.file("log.\($0)")) } + [text(path) ?? ""]
        #expect(TestResponder.logLines(logs.joined(), message: "request").count == requestCount)
        #expect(TestResponder.logLines(logs[5], message: "stopped").count == 1)
        #expect(responder.process.standardError == "")
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
    }

    @Test func aLogThatCannotBeReopenedContinuesInTheOldFileAndSaysSo() throws {
        let directory = try TemporaryDirectory()
        let (folder, moved) = (directory.file("a"), directory.file("b"))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let responder = try TestResponder(["--log-file", folder + "/log"])
        #expect(rename(folder, moved) == 0)

        responder.process.send(signal: SIGUSR1)

        try waitUntil("the old file says so") {
            (text(moved + "/log") ?? "").contains("cannot open the log \(folder)/log: No such file or directory")
        }
        #expect(try responder.get("/-/ping").status == 200)
        try waitUntil("the request is in the old file") {
            TestResponder.logLines(text(moved + "/log") ?? "", message: "request").count == 1
        }
    }

    @Test func aLogFileInAMissingFolderIsReportedByTheCheckAndAtTheStart() throws {
        let check = try TestResponder.runToEnd(["--check", "--log-file", "/nonexistent/log"])
        let start = try TestResponder.runToEnd(["--log-file", "/nonexistent/log"])

        for result in [check, start] {
            #expect(result.status == .exited(78))
            #expect(result.error.contains("cannot open the log /nonexistent/log: No such file or directory"))
        }
    }
}
