import Model
import Queue
import TestSupport
import Testing

@testable import Delivery

/// An event that a worker does not send.
@Suite
struct DroppedEventTests {
    @Test func theQueueTellsForAWhileWhyAnEventWasDropped() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/status/204")
        fixture.addApp(2, events: ["comment"])
        let worker = try fixture.worker()

        let sent = try fixture.enqueue(app: 1)
        let dropped = try fixture.enqueue(app: 2)
        try fixture.waitUntilEmpty()

        guard case .dropped(let note)? = try fixture.queue.place(of: dropped, appID: 2) else {
            Issue.record("no note")
            return
        }
        #expect(note.reason == "not-subscribed")
        #expect(try fixture.queue.place(of: sent, appID: 1) == nil)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }
}
