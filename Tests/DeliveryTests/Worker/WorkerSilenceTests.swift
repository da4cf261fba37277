import Buffer
import Directory
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

@testable import Delivery

/// What a running worker does for silent apps.
@Suite
struct WorkerSilenceTests {
    private let fixture: WorkerFixture
    private let times: LastTimes

    init() throws {
        fixture = try WorkerFixture()
        fixture.directory.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        times = LastTimes(connection: try fixture.server.workerConnection())
    }

    @Test func attemptsAndEventsThatAreNotSentAreNoted() throws {
        fixture.addApp(1, "/status/204")
        fixture.addApp(2, events: ["comment"])
        let start = Timestamp.now()
        let worker = try fixture.worker()

        try fixture.enqueue(app: 1)
        try fixture.enqueue(app: 2)
        try fixture.waitUntilEmpty()

        let apps = try times.times(of: [1, 2]).apps
        let end = Timestamp.now().seconds
        #expect(apps[0].attempt.map { (start.seconds...end).contains($0.seconds) } == true)
        #expect(apps[0].unsent == nil)
        #expect(apps[1].attempt == nil)
        #expect(apps[1].unsent.map { (start.seconds...end).contains($0.seconds) } == true)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func itLooksForSilentAppsBesideItsWork() throws {
        fixture.addApp(1, "/status/204")
        fixture.addApp(2, "/status/204")
        try times.noteAttempts([(1, Timestamp.now().adding(seconds: -8 * 86_400))])
        let worker = try fixture.worker { _ in }
        let watching = try fixture.worker("two", silence: SilenceSettings())
        let rounds = SilenceRounds(connection: try fixture.server.workerConnection())

        try waitUntil("a round is over") { try rounds.silentApps() != nil }
        try fixture.enqueue(app: 2)
        try fixture.waitUntilEmpty()

        #expect(try rounds.silentApps() == ["no-event-accepted": 1])
        #expect(fixture.receiver.received("/status/204").count == 1)
        for worker in [worker, watching] { #expect(worker.stop(within: .seconds(5)).unsettled == 0) }
    }
}
