import Buffer
import Delivery
import Directory
import Foundation
import Model
import TestSupport
import Testing

@Suite("Two monitors that see the end at once disable once")
struct DisablingRaceTests {
    /// Each with its own connections; repeated, since a race is lost now and then only.
    @Test func oneDisablingOneMailForEachOwnerOneAuditEntry() throws {
        let world = try HealthWorld()
        for round in 1...40 {
            let monitors = try [world.monitor(), world.monitor()].map(Unshared.init)
            let attempts = world.timeouts(2)
            let gate = StartGate(2)

            DispatchQueue.concurrentPerform(iterations: 2) { index in
                gate.pass()
                do {
                    try monitors[index].value.observe(attempts, now: world.noon)
                } catch {
                    Issue.record(error)
                }
            }

            #expect(try world.queuedMails().map(\.recipient) == ["a@example.com", "b@example.com"], "round \(round)")
            #expect(world.directory.auditEntries.count == 2 * round - 1)
            #expect(world.metrics.disabled == round)
            #expect(world.log.lines("sentryapp.disabled").count == round)
            let audit = AuditEntry.Draft(organizationID: 4, event: 1, actorLabel: "me", date: world.noon)
            #expect(try world.directory.enable(appID: 31, audit: audit))
            try world.server.command("FLUSHALL")
        }
    }
}

/// Unchecked because each is handed to one thread only.
private struct Unshared: @unchecked Sendable {
    let value: IntegrationMonitor
}

/// Lets so many threads go on together.
private final class StartGate: Sendable {
    private let missing: Lock<Int>

    init(_ count: Int) {
        missing = Lock(count)
    }

    func pass() {
        missing.withLock { $0 -= 1 }
        while missing.withLock({ $0 > 0 }) {}
    }
}
