import Buffer
import Delivery
import Directory
import Foundation
import Model
import TestSupport
import Testing
import WebhookRules

/// Owners are warned once before an integration is disabled.
@Suite
struct WarningTests {
    private let settings = AutoDisableSettings(rule: AutoDisableRule(timeoutThreshold: 10), warningPercents: [50, 90])

    private func percents(_ world: HealthWorld) throws -> [Int] {
        try world.queuedMails().filter { $0.recipient == "a@example.com" }.map { mail in
            if case .warning(let percent) = mail.notice.kind { percent } else { 0 }
        }
    }

    @Test func eachPartOfTheRuleIsToldOfOnce() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor(settings)

        for _ in 0..<9 { try monitor.observe(world.timeouts(1), now: world.noon) }
        let other = try world.monitor(settings)
        try other.observe([world.answer(200)], now: world.noon)

        #expect(try percents(world) == [50, 90])
        #expect(try world.events() == ["issue", "comment"])
    }

    @Test func theHigherOneIsToldOfWhenBothAreReachedAtOnce() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor(settings)

        try monitor.observe(world.timeouts(9), now: world.noon)
        try monitor.observe([world.answer(400)], now: world.noon.adding(seconds: 5))

        #expect(try percents(world) == [90])
    }

    @Test func aDisablingAtOnceIsNoWarning() throws {
        let world = try HealthWorld()

        try world.monitor(settings).observe(world.timeouts(10), now: world.noon)

        #expect(try world.queuedMails().map(\.notice.kind) == [.disabled, .disabled])
    }

    /// Three and six days of seven; a day that begins with a time-out does not end the row.
    @Test func daysOfErrorsAreToldOfAsWell() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor(settings)

        for day in (1...6).reversed() {
            let date = world.noon.adding(seconds: -86400 * Int64(day))
            try monitor.observe(world.timeouts(1, at: date), now: date)
            try monitor.observe([world.answer(400, at: date)], now: date.adding(seconds: 3))
        }

        #expect(try percents(world) == [50, 90])
    }

    @Test func anIntegrationThatRecoveredIsWarnedOfAgain() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor(settings)

        for day in 0..<3 {
            let date = world.noon.adding(seconds: 86400 * Int64(day))
            try monitor.observe(world.timeouts(1, at: date), now: date)
            try monitor.observe(world.timeouts(5, at: date), now: date.adding(seconds: 5))
        }

        #expect(try percents(world) == [50, 50, 50])
    }

    @Test func manyMonitorsWarnOnce() throws {
        let world = try HealthWorld()
        let attempts = world.timeouts(1)

        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            do {
                try world.monitor(settings).observe(attempts, now: world.noon)
            } catch {
                Issue.record(error)
            }
        }

        #expect(try percents(world) == [50])
    }

    @Test func aWarningThatCouldNotBeQueuedIsTriedAgain() throws {
        let world = try HealthWorld()
        let directory = FaultyDirectory(world.directory)
        let monitor = try world.monitor(settings, directory: directory)
        directory.fail("owners")

        try monitor.observe(world.timeouts(5), now: world.noon)
        let before = try percents(world)
        directory.fail()
        try monitor.observe(world.timeouts(1), now: world.noon.adding(seconds: 2))

        #expect(before == [])
        #expect(try percents(world) == [50])
    }

    @Test func partsOfTheRuleAreRoundedTowardsTheBeginning() {
        let rule = AutoDisableRule(timeoutThreshold: 3)
        let errorDay = DailyOutcomes(errors: 1)
        let fine = DailyOutcomes(successes: 1)

        #expect(rule.isReached(percent: 90, in: Array(repeating: errorDay, count: 6) + [fine]))
        #expect(!rule.isReached(percent: 90, in: Array(repeating: errorDay, count: 5) + [fine, fine]))
        #expect(rule.isReached(percent: 50, in: [DailyOutcomes(), errorDay, errorDay, errorDay, fine]))
        #expect(!rule.isReached(percent: 50, in: [fine, errorDay, errorDay, errorDay]))
        #expect(rule.isReached(percent: 90, in: [DailyOutcomes(timeouts: 2)]))
        #expect(!rule.isReached(percent: 90, in: [DailyOutcomes(timeouts: 1)]))
        #expect(!rule.isReached(percent: 90, in: [DailyOutcomes(), DailyOutcomes(timeouts: 2)]))
        #expect(!rule.isReached(percent: 1, in: [DailyOutcomes()]))
    }
}
