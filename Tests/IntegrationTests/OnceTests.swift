import Queue
import TestSupport
import Testing

/// `hookline-worker --once`: as cron runs it where no program may stay.
@Suite struct OnceTests {
    typealias App = DeliveryFixture.App

    private let good = App(id: 1)

    private func fixture(_ apps: [App], settings: [String: String] = [:]) throws -> DeliveryFixture {
        let fixture = try DeliveryFixture(apps, settings: settings)
        try fixture.stopWorker()
        return fixture
    }

    private func run(_ fixture: DeliveryFixture) throws {
        let worker = try fixture.startWorker("--once")
        #expect(try worker.waitForExit() == .exited(0), "\(worker.standardError)")
    }

    @Test func itDeliversWhatIsDueLeavesLaterRetriesAndExits() throws {
        let failing = App(id: 2, path: "/status/503")
        let fixture = try fixture(
            [good, failing], settings: ["HOOKLINE_POLICY": "standard", "HOOKLINE_RETRY_DELAYS": "600"])
        let sent = try (0..<20).map { _ in try fixture.send(good, "issue.created") }
        let refused = try fixture.send(failing, "issue.created")

        try run(fixture)
        try run(fixture)

        let received = fixture.receiver.received.compactMap { $0.header("Request-ID") }
        #expect(received.sorted() == (sent + [refused]).sorted())
        let queue = try fixture.statistics()
        #expect(queue.scheduled == 1 && queue.depth == 1)
    }

    @Test func whatItPutBackBecauseTheReceiverWasSlowIsDelivered() throws {
        let slow = App(id: 1, path: "/hold")
        let fixture = try fixture([slow], settings: ["HOOKLINE_WEBHOOK_TIMEOUT_MS": "30000"])
        let sent = try (0..<60).map { _ in try fixture.send(slow, "issue.created") }
        let worker = try fixture.startWorker("--once")
        try waitUntil("events are put back", seconds: 30) { try fixture.statistics().scheduled > 0 }

        fixture.receiver.release()

        #expect(try worker.waitForExit(seconds: 60) == .exited(0), "\(worker.standardError)")
        #expect(fixture.receiver.received.compactMap { $0.header("Request-ID") }.sorted() == sent.sorted())
    }

    @Test func theMailAboutAnAppThatItDisablesIsSent() throws {
        let gone = App(id: 1, path: "/status/410")
        let fixture = try fixture([gone], settings: ["HOOKLINE_POLICY": "standard"])
        _ = try fixture.send(gone, "issue.created")

        try run(fixture)

        #expect(Set(try fixture.mailServer.mails().flatMap(\.recipients)) == ["ada@one.test", "eve@one.test"])
    }

    @Test func twoRunsAtOnceDeliverEachEventOnce() throws {
        let fixture = try fixture([good])
        let sent = try (0..<50).map { _ in try fixture.send(good, "issue.created") }

        let workers = try (0..<2).map { _ in try fixture.startWorker("--once") }

        for worker in workers {
            #expect(try worker.waitForExit() == .exited(0), "\(worker.standardError)")
        }
        #expect(fixture.receiver.received.compactMap { $0.header("Request-ID") }.sorted() == sent.sorted())
    }

    @Test func anotherProgramDoesNotHaveIt() throws {
        let (status, _, error) = try ChildProcess.run([BuiltProducts.path("hookline-fcgi"), "--once"])

        #expect(status == .exited(64))
        #expect(error == "hookline-fcgi: unknown argument --once: see --help\n")
    }
}
