import Model
import ProgramSupport
import Testing
import WebhookRules

/// Settings of deliveries.
@Suite
struct DeliverySettingTests {
    private func reader(_ program: ProgramName, _ environment: [String: String] = [:]) -> SettingReader {
        SettingReader(SettingValues(program: program, flags: [:], environment: environment))
    }

    @Test func responderAndWorkerReadThemAlike() {
        let environment = [
            "HOOKLINE_WEBHOOK_TIMEOUT_MS": "700", "HOOKLINE_WEBHOOK_MIN_TIMEOUT_MS": "600",
            "HOOKLINE_WEBHOOK_MAX_TIMEOUT_MS": "900", "HOOKLINE_DISABLE_APPS": "all", "HOOKLINE_DISABLE_TIMEOUTS": "3",
            "HOOKLINE_DISABLE_DAYS": "2",
        ]
        let catalogue = EventCatalogue.version23Dot7

        for program in [ProgramName.responder, .worker] {
            var reader = reader(program, environment)

            #expect(
                reader.plan(events: catalogue)
                    == PlanSettings(
                        events: catalogue, timeout: .milliseconds(700),
                        timeoutRange: .milliseconds(600) ... .milliseconds(900)))
            #expect(
                reader.autoDisable()
                    == AutoDisableSettings(rule: AutoDisableRule(timeoutThreshold: 3, dayCount: 2), apps: .all))
            #expect(reader.errors.isEmpty)
        }
    }

    @Test func theirDefaultsAreThoseOfTheTypes() {
        var reader = reader(.responder)

        #expect(reader.plan(events: .version23Dot7) == PlanSettings())
        #expect(reader.autoDisable() == AutoDisableSettings())
    }

    @Test func aMaximumTimeoutBelowTheMinimumIsRefused() {
        var reader = reader(.responder, ["HOOKLINE_WEBHOOK_MIN_TIMEOUT_MS": "31000"])

        #expect(reader.plan(events: nil).timeoutRange == PlanSettings().timeoutRange)
        #expect(reader.errors.map(\.description).count == 1)
        #expect(reader.errors.first?.description.hasPrefix("HOOKLINE_WEBHOOK_MAX_TIMEOUT_MS: ") == true)
    }
}
