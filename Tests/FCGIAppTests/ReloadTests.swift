import Foundation
import TestSupport
import Testing

/// Reloading.
@Suite
struct ReloadTests {
    @Test func usr2HandsOverToANewProcessWhichHasTheSocketAndTheFileForGood() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        let old = try responder.current()

        let new = try responder.reload()

        #expect(new != old)
        #expect(try responder.process.waitForExit() == .exited(0))
        #expect(try responder.get("/-/ping").status == 200)
        try responder.stop()
        #expect(access(responder.socketPath, F_OK) != 0)
        #expect(responder.processes == [old, new])
    }

    @Test func theOldProcessFinishesWhatItHasBegunWhileTheNewOneAnswers() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(
            ["HOOKLINE_IO_SECONDS=60", "HOOKLINE_DRAIN_SECONDS=60"], redis: redis.url)
        let old = try responder.current()
        let slow = try SlowRequest(to: responder, process: old)

        try responder.reload(waitsForEnd: false)
        #expect(try responder.get("/-/ping").status == 200)
        #expect(ReloadingResponder.isRunning(old))

        #expect(try slow.finish().status == 200)
        #expect(try responder.process.waitForExit() == .exited(0))
        #expect(try responder.get("/-/ping").status == 200)
    }

    @Test func noDescriptorIsHandedOnThatIsNotWantedHoweverOften() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        // What the test's own process leaves open comes no further than to the first one.
        let first = try ReloadingResponder.descriptors(responder.reload()).count

        for _ in 0..<10 { try responder.reload() }

        let last = try ReloadingResponder.descriptors(responder.current())
        #expect(last.count == first, "\(last)")
    }

    @Test func newSettingsAreTakenFromTheSettingsFile() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(["HOOKLINE_THREADS=2"], redis: redis.url)
        #expect(try responder.current() > 0)
        try responder.changeSettings(["HOOKLINE_THREADS=3"])

        try responder.reload()

        #expect(responder.logLines("serving").compactMap { $0["threads"] as? Int } == [2, 3])
    }

    @Test func aWrongConfigurationLeavesTheOldProcessAsItIsAndTheLogSaysWhy() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        let process = try responder.current()
        try responder.changeSettings(["HOOKLINE_THREADS=many"])

        kill(process, SIGUSR2)
        try responder.waitForLog("reload failed, the process continues unchanged")

        let reason = try #require(
            responder.logLines("reload failed, the process continues unchanged").first?["reason"] as? String)
        #expect(reason.hasPrefix("the check ended with exit status 78: hookline-fcgi: HOOKLINE_THREADS ("))
        #expect(reason.contains("line 5) is \"many\", expected a number from 1 to 512"), "\(reason)")
        #expect(try responder.get("/-/ping").status == 200)
        #expect(responder.processes == [process])
        try responder.changeSettings([])
        #expect(try responder.reload() != process)
    }

    @Test func whatRunsAfterAReloadIsTheFileThatLiesAtTheProgramsPathThen() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        let old = try responder.current()
        let before = try program(old)
        try responder.replaceProgramByCopy()

        let after = try program(responder.reload())

        #expect(after != before)
        var status = stat()
        #expect(stat(responder.programPath, &status) == 0 && status.st_ino == after)
    }

    private func program(_ process: Int32) throws -> UInt {
        var status = stat()
        guard stat("/proc/\(process)/exe", &status) == 0 else { throw TestSupportError("no process \(process)") }
        return UInt(status.st_ino)
    }

    @Test(arguments: [
        ("exit 3", "the new process ended with exit status 3"),
        ("kill -9 $$", "the new process ended with signal 9"),
        ("echo $$ > PID; exec sleep 600", "did not serve within 1 seconds"),
    ])
    func aProgramThatDoesNotComeToServeIsEndedAndTheOldProcessGoesOn(script: String, reason: String) throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url, environment: ["HOOKLINE_RELOAD_SECONDS": "1"])
        let process = try responder.current()
        let pidPath = responder.directory.file("pid")
        let body = script.replacingOccurrences(of: "PID", with: pidPath)
        try responder.replaceProgram(script: "case \"$*\" in *--check*) exit 0;; esac\n\(body)")

        kill(process, SIGUSR2)
        try responder.waitForLog("reload failed, the process continues unchanged")

        #expect(responder.log.contains(reason), "\(responder.log)")
        #expect(try responder.get("/-/ping").status == 200)
        if let number = try? String(contentsOfFile: pidPath, encoding: .utf8) {
            let started = try #require(Int32(number.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(!ReloadingResponder.isRunning(started))
        }
    }

    @Test func aReloadWorksWhereTheParentProcessIgnoredTheEndOfChildren() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url) { _ in
            // Not a shell: it does not leave this signal ignored.
            [
                "/usr/bin/python3", "-c",
                "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
                    + "os.execvp(sys.argv[1], sys.argv[1:])",
            ]
        }
        let old = try responder.current()
        #expect(try ReloadingResponder.ignoredSignals(old) & (1 << UInt64(SIGCHLD - 1)) == 0)

        let new = try responder.reload()
        try responder.changeSettings(["HOOKLINE_THREADS=many"])
        kill(new, SIGUSR2)
        try responder.waitForLog("reload failed, the process continues unchanged")

        #expect(responder.log.contains("the check ended with exit status 78: "))
        #expect(responder.processes == [old, new])
    }

    @Test func aCheckThatDoesNotEndIsEnded() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url, environment: ["HOOKLINE_RELOAD_SECONDS": "1"])
        let process = try responder.current()
        try responder.replaceProgram(script: "exec sleep 600")

        kill(process, SIGUSR2)
        try responder.waitForLog("reload failed, the process continues unchanged")

        #expect(responder.log.contains("the check took longer than 1 seconds"))
        #expect(try responder.get("/-/ping").status == 200)
    }

    @Test func aSecondUsr2WhileAReloadIsUnderWayChangesNothing() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        let process = try responder.current()
        let gate = responder.directory.file("gate")
        try responder.replaceProgram(checkingUntil: gate, then: "exit 3")

        kill(process, SIGUSR2)
        try responder.waitForLog("reloading")
        kill(process, SIGUSR2)
        try responder.waitForLog("a reload is already in progress")
        try responder.directory.write("", to: "gate")
        try responder.waitForLog("reload failed, the process continues unchanged")

        #expect(responder.logLines("reloading").count == 1)
        #expect(try responder.get("/-/ping").status == 200)
    }

    @Test func usr1DuringAReloadIsForTheNewProcessToo() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(redis: redis.url)
        let old = try responder.current()
        let gate = responder.directory.file("gate")
        try responder.replaceProgram(checkingUntil: gate, then: #"exec \#(BuiltProducts.path("hookline-fcgi")) "$@""#)
        kill(old, SIGUSR2)
        try responder.waitForLog("reloading")

        kill(old, SIGUSR1)
        try responder.waitForLog("log opened")
        try responder.directory.write("", to: "gate")

        try responder.waitForLog("log opened", count: 2)
        try responder.waitForLog("handed over")
    }

    @Test func termDuringAReloadEndsBothProcessesAndTheRequestsBeforeItAreAnswered() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(
            ["HOOKLINE_IO_SECONDS=60", "HOOKLINE_DRAIN_SECONDS=60"], redis: redis.url)
        let process = try responder.current()
        let slow = try SlowRequest(to: responder, process: process)
        let pidPath = responder.directory.file("pid")
        try responder.replaceProgram(
            script: """
                case "$*" in *--check*) exit 0;; esac
                echo $$ > \(pidPath).new; mv \(pidPath).new \(pidPath)
                exec sleep 600
                """)

        kill(process, SIGUSR2)
        try waitUntil("the new process is there", seconds: 20) { access(pidPath, F_OK) == 0 }
        let text = try String(contentsOfFile: pidPath, encoding: .utf8)
        let started = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(process, SIGTERM)
        try waitUntil("the signal is taken, and the new process gone") { !ReloadingResponder.isRunning(started) }

        #expect(try slow.finish().status == 200)
        #expect(try responder.process.waitForExit() == .exited(0))
        #expect(access(responder.socketPath, F_OK) != 0)
    }

    @Test func whileItDrainsUsr2IsPassedOverAndOneTERMDoesNotCutOffWhatAHandOverLeftToFinish() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(
            ["HOOKLINE_IO_SECONDS=60", "HOOKLINE_DRAIN_SECONDS=60"], redis: redis.url)
        let old = try responder.current()
        let slow = try SlowRequest(to: responder, process: old)
        try responder.reload(waitsForEnd: false)

        kill(old, SIGUSR2)
        try responder.waitForLog("reload ignored: this process is stopping")
        kill(old, SIGTERM)

        #expect(try slow.finish().status == 200)
        #expect(try responder.process.waitForExit() == .exited(0))
    }

    @Test func aRequestThatWaitsForTheEndOfAHandOverAfterASecondTERMIsGivenUp() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(
            ["HOOKLINE_IO_SECONDS=60", "HOOKLINE_DRAIN_SECONDS=60"], redis: redis.url)
        let old = try responder.current()
        let slow = try SlowRequest(to: responder, process: old)
        defer { withExtendedLifetime(slow) {} }
        try responder.reload(waitsForEnd: false)

        kill(old, SIGTERM)
        // One that is not taken yet is not told from a second one.
        try waitUntil("the first signal is taken") { try ReloadingResponder.pendingSignals(old) == 0 }
        kill(old, SIGTERM)

        #expect(try responder.process.waitForExit() == .exited(128 + SIGTERM))
    }

    @Test func whenTheNewProcessIsLostWhileTheOldOneDrainsThatOneAnswersWhatItHasAndEndsAsFailed() throws {
        let redis = try RedisServer()
        let folder = try TemporaryDirectory()
        let pidFile = folder.file("pid")
        let responder = try ReloadingResponder(
            ["HOOKLINE_IO_SECONDS=60", "HOOKLINE_DRAIN_SECONDS=60", "HOOKLINE_PID_FILE=\(pidFile)"], redis: redis.url)
        let old = try responder.current()
        let slow = try SlowRequest(to: responder, process: old)
        let gate = responder.directory.file("gate")
        // 3 is where it says that it serves.
        try responder.replaceProgram(
            script: """
                case "$*" in *--check*) exit 0;; esac
                echo $$ > \(pidFile)
                printf s >&3
                until [ -e \(gate) ]; do sleep 0.01; done
                kill -KILL $$
                """)
        kill(old, SIGUSR2)
        try responder.waitForLog("handed over")

        try responder.directory.write("", to: "gate")
        try responder.waitForLog("the new process is lost, this one finishes its work and exits")

        #expect(try slow.finish().status == 200)
        #expect(try responder.process.waitForExit() == .exited(70))
        // A killed process cannot remove its file.
        #expect(access(pidFile, F_OK) != 0)
    }
}
