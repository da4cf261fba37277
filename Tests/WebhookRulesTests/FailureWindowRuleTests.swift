import Model
import Queue
import Testing

@testable import WebhookRules

/// The rule of the policy `standard`.
@Suite
struct FailureWindowRuleTests {
    private let rule = FailureWindowRule()
    private let start = Timestamp(seconds: 1_700_000_000)

    private func window(
        seconds: Int64, events: Int = 3, days: Int = 2, warned: Int = 0, timeouts: Int = 0, successes: Int = 0
    ) -> FailureWindow {
        FailureWindow(
            failures: .init(
                first: start, last: start.adding(seconds: seconds), eventCount: events, dayCount: days),
            warnedPercent: warned, timeouts: timeouts, successes: successes)
    }

    @Test func aFailureSevenDaysAfterTheFirstMeetsIt() {
        let week: Int64 = 7 * 86400

        #expect(rule.cause(in: window(seconds: week - 1)) == nil)
        #expect(rule.cause(in: window(seconds: week)) == .noSuccess(since: start))
        #expect(rule.cause(in: window(seconds: 3 * week)) == .noSuccess(since: start))
        #expect(rule.cause(in: FailureWindow()) == nil)
        #expect(FailureWindowRule(dayCount: 1).cause(in: window(seconds: 86400)) == .noSuccess(since: start))
    }

    @Test func timesAtTheEndsOfTheCalendarAreNoOverflow() {
        let range = Timestamp.calendarRange
        let window = FailureWindow(
            failures: .init(first: range.lowerBound, last: range.upperBound, eventCount: 3, dayCount: 2))
        let last = FailureWindow.Failures(
            first: range.upperBound, last: range.lowerBound, eventCount: 3, dayCount: 2)

        #expect(rule.cause(in: window) == .noSuccess(since: range.lowerBound))
        #expect(rule.cause(in: FailureWindow(failures: last)) == nil)
        #expect(rule.disablesAt(last) == range.upperBound)
    }

    @Test func itTakesThreeEventsAndTwoDays() {
        let week: Int64 = 7 * 86400

        #expect(rule.cause(in: window(seconds: week, events: 2)) == nil)
        #expect(rule.cause(in: window(seconds: week, days: 1)) == nil)
    }

    @Test func timeoutsCountOnlyWhereALimitIsSetAndOnlyIfTheyAreAsManyAsSuccesses() {
        let limited = FailureWindowRule(timeoutThreshold: 10)

        #expect(rule.cause(in: window(seconds: 0, timeouts: 1_000_000)) == nil)
        #expect(limited.cause(in: window(seconds: 0, timeouts: 9)) == nil)
        #expect(limited.cause(in: window(seconds: 0, timeouts: 10)) == .timeouts)
        #expect(limited.cause(in: window(seconds: 0, timeouts: 10, successes: 10)) == .timeouts)
        #expect(limited.cause(in: window(seconds: 0, timeouts: 10, successes: 11)) == nil)
    }

    @Test(
        arguments: [
            (302_399, 0, nil), (302_400, 0, 50), (302_400, 50, nil), (544_319, 0, 50), (544_320, 0, 90),
            (544_320, 50, 90), (544_320, 90, nil),
        ] as [(Int64, Int, Int?)])
    func warningsComeAt50And90PercentOfTheDaysOnce(_ seconds: Int64, _ warned: Int, _ percent: Int?) {
        #expect(rule.warning(among: [50, 90], in: window(seconds: seconds, events: 1, warned: warned)) == percent)
    }

    @Test func nothingIsWarnedOfWithoutFailuresOrPercentages() {
        #expect(rule.warning(among: [50], in: FailureWindow()) == nil)
        #expect(rule.warning(among: [], in: window(seconds: 999_999)) == nil)
    }
}
