import Foundation
import Model
import Queue
import TestSupport
import Testing

@testable import CLI

/// `hookline event redeliver --all-apps`
@Suite struct AllAppsRedeliveryTests {
    private let fixture: StoredEventFixture

    init() throws {
        fixture = try StoredEventFixture()
    }

    private func redeliver(
        _ arguments: String..., environment: [String: String] = [:]
    ) throws -> CommandRunner.Outcome {
        try fixture.runner.hookline(["event", "redeliver", "--all-apps"] + arguments, environment: environment)
    }

    @Test func theEventsOfAllAppsAreRedeliveredOldestFirstAndTheOthersAreCounted() throws {
        for (number, app) in [(1, 2), (2, 1), (3, 3), (4, 9), (5, 2), (6, 1), (7, 1)] {
            try fixture.store(number, app: app, payload: number == 7 ? Array("no event".utf8) : nil)
        }
        try fixture.base.redis.command("DEL", "hookline:{app:1}:event:e6")
        let counts =
            ", 1 expired, 1 with a payload that cannot be read, 1 of disabled apps (lidar), 1 of deleted apps.\n"

        let dry = try redeliver("--since", "3h", "--dry-run")
        let queued = try fixture.originals()
        let outcome = try redeliver("--since", "3h", "--yes")

        #expect(dry.output == "3 events of 2 apps would be redelivered" + counts, "\(dry.error)")
        #expect(queued.isEmpty)
        #expect(outcome.output == "3 events of 2 apps redelivered" + counts, "\(outcome.error)")
        #expect(try fixture.originals() == ["e1", "e2", "e5"])
    }

    @Test func aRunThatAFullQueueHasStoppedIsContinuedWithoutSendingAnEventTwice() throws {
        for (number, app) in [(1, 1), (2, 2), (3, 1), (4, 2), (5, 1)] { try fixture.store(number, app: app) }

        let stopped = try redeliver("--since", "3h", "--yes", environment: ["HOOKLINE_QUEUE_MAX_DEPTH": "2"])
        let first = try fixture.originals()
        let advice = try #require(stopped.error.components(separatedBy: "Continue later with ").last)
        let continuation = advice.split(separator: "\n")[0].split(separator: " ").map(String.init)
        let rest = try fixture.runner.hookline(
            ["event", "redeliver", "--all-apps", "--yes"] + continuation)
        let whole = try redeliver("--since", "3h", "--until", try #require(continuation.last), "--yes")

        #expect(stopped.status == 75)
        #expect(stopped.output == "2 events of 2 apps redelivered.\n")
        #expect(stopped.error.contains("stopped before event e3"))
        #expect(first == ["e1", "e2"])
        #expect(rest.output == "3 events of 2 apps redelivered.\n", "\(rest.error)")
        // The same run from the start: its events are known.
        #expect(whole.output == "0 events of 0 apps redelivered, 5 redelivered before.\n")
        #expect(try fixture.originals() == ["e3", "e4", "e5"])
    }

    @Test func aRunCanBeLimitedToAnOrganizationToErrorsAndToACount() throws {
        for (number, app) in [(1, 1), (2, 2), (3, 1), (4, 1)] {
            try fixture.store(number, app: app, failed: number != 3)
        }

        let organization = try redeliver("--organization", "globex", "--since", "3h", "--dry-run")
        let errors = try redeliver("--since", "3h", "--errors-only", "--dry-run")
        let two = try redeliver("--since", "3h", "--errors-only", "--limit", "2", "--yes")
        let again = try redeliver("--since", "3h", "--errors-only", "--yes")

        #expect(organization.output == "1 event of 1 app would be redelivered.\n", "\(organization.error)")
        #expect(errors.output == "3 events of 2 apps would be redelivered.\n")
        #expect(two.output == "2 events of 2 apps redelivered.\n")
        #expect(again.output == "1 event of 1 app redelivered, 2 redelivered before.\n")
        #expect(try fixture.originals() == ["e1", "e2", "e4"])
    }

    @Test func aRunNeedsATimeRangeAndAConfirmation() throws {
        try fixture.store(1, app: 1)

        #expect(try redeliver("--since", "3h").status == 64)
        #expect(try redeliver("--yes").status == 64)
        #expect(try redeliver("e1", "--since", "3h", "--yes").status == 64)
        #expect(try redeliver("--app", "radar", "--since", "3h", "--yes").status == 64)
        #expect(try redeliver("--since", "3h", "--until", "4h", "--yes").status == 65)
        #expect(try redeliver("--organization", "none", "--since", "3h", "--yes").status == 65)
        let one = try fixture.runner.hookline(
            "event", "redeliver", "--app", "radar", "--organization", "acme", "--since", "3h", "--yes")
        #expect(one.status == 64)
        #expect(try fixture.originals().isEmpty)
    }
}
