import Foundation
import TestSupport
import Testing

/// What the service manager hears.
@Suite
struct SupervisionTests {
    @Test func thatTheProgramIsReadyThatItReloadsWhichProcessFollowsAndThatItStops() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket()
        let responder = try ReloadingResponder(redis: redis.url, environment: ["NOTIFY_SOCKET": manager.address])
        let old = try responder.current()
        #expect(try manager.next() == ["READY=1", "STATUS=Serving"])

        let new = try responder.reload()
        let reloading = try manager.next()
        let successor = try manager.next()
        try responder.stop()
        let stopping = try manager.next()

        #expect(old != new)
        #expect(reloading.first == "RELOADING=1")
        #expect(reloading.dropFirst().first?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect(successor == ["MAINPID=\(new)", "READY=1", "STATUS=Serving"])
        #expect(stopping.first == "STOPPING=1")
        #expect(manager.waiting == [])
    }

    @Test func whichProcessFollowsAlsoWhenItCouldNotHearForAWhile() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket()
        let responder = try ReloadingResponder(
            ["HOOKLINE_DRAIN_SECONDS=60"], redis: redis.url, environment: ["NOTIFY_SOCKET": manager.address])
        #expect(try responder.current() > 0)
        #expect(try manager.next().first == "READY=1")
        #expect(rename(manager.address, manager.address + ".away") == 0)

        let new = try responder.reload(waitsForEnd: false)
        #expect(rename(manager.address + ".away", manager.address) == 0)

        #expect(try manager.next() == ["MAINPID=\(new)", "READY=1", "STATUS=Serving"])
        #expect(try responder.process.waitForExit() == .exited(0))
    }

    @Test func nothingOfTheProcessThatFollowsTheOldOneEndsAsFailed() throws {
        let redis = try RedisServer()
        let responder = try ReloadingResponder(
            ["HOOKLINE_DRAIN_SECONDS=1"], redis: redis.url, environment: ["NOTIFY_SOCKET": "/nonexistent/socket"])
        #expect(try responder.current() > 0)

        try responder.reload()

        #expect(try responder.process.waitForExit() == .exited(70))
        #expect(responder.logLines("the service manager could not be notified of the new process").count == 1)
    }

    @Test func thatAReloadThatFailedIsOver() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket()
        let responder = try ReloadingResponder(redis: redis.url, environment: ["NOTIFY_SOCKET": manager.address])
        let process = try responder.current()
        #expect(try manager.next().first == "READY=1")
        try responder.changeSettings(["HOOKLINE_THREADS=many"])

        kill(process, SIGUSR2)

        #expect(try manager.next().first == "RELOADING=1")
        #expect(try manager.next().first == "READY=1")
    }

    @Test func thatTheProgramWorksAlsoFromTheProcessAfterAReload() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket(isAbstract: true)
        let responder = try ReloadingResponder(
            redis: redis.url, environment: ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "200000"])
        #expect(try responder.current() > 0)
        try manager.wait(for: "WATCHDOG=1")
        try manager.wait(for: "WATCHDOG=1")

        try responder.reload()

        try manager.wait(for: "READY=1")
        try manager.wait(for: "WATCHDOG=1")
        try manager.wait(for: "WATCHDOG=1")
    }

    @Test func nothingAsLongAsEveryThreadIsStuckAndTheLogSaysSo() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket()
        let responder = try TestResponder(
            // Of several, one would be left: not all of them wait for a Redis that does not respond.
            ["--threads", "1", "--redis-command-ms", "60000"], redis: redis.url,
            environment: ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "200000"])
        try manager.wait(for: "WATCHDOG=1")
        redis.process.send(signal: SIGSTOP)
        let client = try responder.client()
        try client.sendRequest(FastCGIClient.parameters("GET", SampleDirectory.log, SampleDirectory.signedIn))
        let complaint = "no thread makes progress: the watchdog is not notified"
        try waitUntil("a whole interval is over without a sign") { !responder.logLines(message: complaint).isEmpty }
        _ = manager.waiting

        try waitUntil("more of them are") { responder.logLines(message: complaint).count >= 4 }
        #expect(manager.waiting == [])

        redis.process.send(signal: SIGCONT)
        #expect(try client.readResponse().status == 200)
        try manager.wait(for: "WATCHDOG=1")
    }

    @Test func thatTheProgramWorksWhileOneThreadOfTwoIsStuck() throws {
        let redis = try RedisServer()
        let manager = try NotifySocket()
        let responder = try TestResponder(
            ["--threads", "2", "--redis-command-ms", "60000"], redis: redis.url,
            environment: ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "200000"])
        redis.process.send(signal: SIGSTOP)
        let client = try responder.client()
        try client.sendRequest(
            FastCGIClient.parameters("GET", SampleDirectory.log, SampleDirectory.signedIn))
        // The other thread responds, and has nothing to do from here on.
        #expect(try responder.get("/-/ping").status == 200)
        _ = manager.waiting

        for _ in 0..<3 { try manager.wait(for: "WATCHDOG=1") }

        #expect(client.isSilent)
        redis.process.send(signal: SIGCONT)
        #expect(try client.readResponse().status == 200)
    }

    @Test func nothingWhenAnotherProcessIsToBeWatched() throws {
        let manager = try NotifySocket()
        let responder = try TestResponder(
            environment: ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"])

        #expect(try responder.stop() == .exited(0))

        #expect(manager.waiting.map(\.first) == ["READY=1", "STOPPING=1"])
    }
}
