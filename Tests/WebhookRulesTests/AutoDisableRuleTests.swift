import Model
import TestSupport
import Testing
import WebhookRules

struct AutoDisableRuleTests {
    private let errorDay = DailyOutcomes(errors: 1)

    @Test func sevenDaysOfErrorsMeetTheRuleAndSixDoNot() {
        let rule = AutoDisableRule()

        #expect(rule.isMet(by: Array(repeating: errorDay, count: 7)))
        #expect(!rule.isMet(by: Array(repeating: errorDay, count: 6)))
        #expect(!rule.isMet(by: Array(repeating: errorDay, count: 6) + [DailyOutcomes()]))
        #expect(!rule.isMet(by: Array(repeating: errorDay, count: 6) + [DailyOutcomes(successes: 1, errors: 9)]))
    }

    @Test func oneDayOfTimeoutsAtTheThresholdMeetsTheRule() {
        let rule = AutoDisableRule(timeoutThreshold: 3)

        #expect(!rule.isMet(by: [DailyOutcomes(successes: 9, timeouts: 2)]))
        #expect(rule.isMet(by: [DailyOutcomes(successes: 9, timeouts: 3)]))
        #expect(rule.isMet(by: Array(repeating: DailyOutcomes(successes: 1), count: 6) + [DailyOutcomes(timeouts: 3)]))
        #expect(AutoDisableRule().timeoutThreshold == 1000)
    }

    @Test func anOldDayDoesNotCount() {
        let fine = Array(repeating: DailyOutcomes(successes: 1), count: 7)

        #expect(!AutoDisableRule().isMet(by: fine + [DailyOutcomes(fatals: 1)]))
        #expect(AutoDisableRule().isMet(by: fine.dropLast() + [DailyOutcomes(fatals: 1)]))
    }

    /// The original of 23.7.1 stored a list of days; its results are those of the later rule on calendar days.
    @Test(arguments: try Golden.cases(ofKind: "integration_buffer"))
    func storedDaysOfTheOriginalGetItsVerdict(_ scenario: Golden.Case) throws {
        for vector in scenario.content["broken"].elements {
            let stored = try vector["values"].elements.compactMap(\.string).map { try GoldenValue(parsing: $0) }

            let days = outcomes(of: stored)

            #expect(AutoDisableRule().isMet(by: days) == vector["broken"].bool, "\(scenario) \(vector["key"].text)")
        }
    }

    @Test(arguments: try Golden.cases(ofKind: "integration_buffer"))
    func stepsOfTheOriginalGetItsVerdict(_ scenario: Golden.Case) throws {
        for vector in scenario.content["adds"].elements {
            var days: [String: DailyOutcomes] = [:]
            for step in vector["steps"].elements.map(\.elements) {
                let day = String(step[0].string?.prefix(10) ?? "")
                switch step[1].string {
                case "success": days[day, default: DailyOutcomes()].successes += 1
                case "error": days[day, default: DailyOutcomes()].errors += 1
                default: days[day, default: DailyOutcomes()].fatals += 1
                }
            }

            let newestFirst = days.sorted { $0.key > $1.key }.map(\.value)

            #expect(
                AutoDisableRule().isMet(by: newestFirst) == vector["broken"].bool, "\(scenario) \(vector["key"].text)")
        }
    }

    /// The seven calendar days from the newest stored one back; an element without a date belongs to no day.
    private func outcomes(of stored: [GoldenValue]) -> [DailyOutcomes] {
        let byDate = Dictionary(
            stored.map { ($0["date"].string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        return (0..<7).map { offset in
            guard let day = byDate["2023-08-\(15 - offset < 10 ? "0" : "")\(15 - offset)"] else {
                return DailyOutcomes()
            }
            return DailyOutcomes(
                successes: Int(day["success_count"].integer ?? 0), errors: Int(day["error_count"].integer ?? 0),
                fatals: Int(day["fatal_count"].integer ?? 0))
        }
    }
}
