import Queue
import Testing

@testable import Handlers

/// What clients and the operator learn of a limit of the queue.
@Suite
struct QueueFullTests {
    @Test func anAppThatHasItsShareIsToldThatItIsTheOne() {
        let failure = HTTPFailure.queueFull(
            name: "events", QueueLimit(used: 107_000_000, bound: 107_374_182, measure: .bytes, isAppShare: true))

        #expect(failure.status == 503)
        let body = String(decoding: failure.body, as: UTF8.self)
        #expect(body.contains("Too many events of this app are in the queue"))
        #expect(body.contains("Try again when some have been delivered, or send fewer or smaller events."))
        #expect(
            failure.cause
                == "queue events: 107000000 of at most 107374182 bytes of one app, while more than half is used")
    }
}
