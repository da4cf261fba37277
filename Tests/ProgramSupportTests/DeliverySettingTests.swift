import Model
import ProgramSupport
import Queue
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
                        timeoutRange: .milliseconds(600) ... .milliseconds(900), protocolChoice: .auto))
            #expect(
                reader.deliveryPolicies().deployment.autoDisable
                    == AutoDisableSettings(rule: .daily(AutoDisableRule(timeoutThreshold: 3, dayCount: 2)), apps: .all))
            #expect(reader.errors.isEmpty)
        }
    }

    @Test func theirDefaultsAreThoseOfTheTypes() {
        var reader = reader(.responder)

        #expect(reader.plan(events: .version23Dot7) == PlanSettings(protocolChoice: .auto))
        #expect(reader.deliveryPolicies().deployment.under(.default) == .sentry)
    }

    @Test func theReleaseDecidesWhatIsWrittenAndRetried() throws {
        var reader = reader(.worker, ["HOOKLINE_PROTOCOL": "26.9", "HOOKLINE_DISABLED_ENFORCEMENT": "on"])

        let plan = reader.plan(events: .version23Dot7)
        #expect(plan.protocolChoice == .release(ProtocolRelease.known.upperBound))
        #expect(plan.enforcesDisabling)
        #expect(reader.errors.isEmpty)
    }

    @Test(arguments: DeliveryPolicy.Name.allCases)
    func aPolicyIsWhatTheSettingsSayWhereNothingElseIsSet(name: DeliveryPolicy.Name) {
        var reader = reader(.worker, ["HOOKLINE_POLICY": name.rawValue])

        #expect(reader.deliveryPolicies().deployment.under(.default) == DeliveryPolicy(name))
        #expect(reader.errors.isEmpty)
    }

    @Test(arguments: [
        ("sentry", "25.2", "auto", false, AutoDisableSettings.Apps.internal),
        ("sentry", "25.3", "auto", false, .none), ("sentry", "26.8", "auto", false, .none),
        ("sentry", "26.9", "auto", true, .none), ("sentry", "26.9", "off", false, .none),
        ("sentry", "23.7", "on", true, .internal), ("standard", "26.9", "auto", false, .all),
        ("standard", "26.9", "on", true, .all),
    ])
    func theReleaseDecidesAboutDisablingAndCircuitBreakers(
        policy: String, release: String, setting: String, hasBreaker: Bool, disabled: AutoDisableSettings.Apps
    ) throws {
        let rules = ProtocolRules(try ProtocolRelease(parsing: release))
        let settings = ["HOOKLINE_POLICY": policy, "HOOKLINE_BREAKER": setting]
        // Whether the setting names the release, or the directory's tables do.
        var (named, found) = (
            reader(.worker, settings.merging(["HOOKLINE_PROTOCOL": release]) { $1 }), reader(.worker, settings)
        )

        let deployment = named.deliveryPolicies().deployment.under(rules)
        #expect(found.deliveryPolicies().deployment.under(rules) == deployment)

        #expect(deployment.breaker == (hasBreaker ? CircuitBreakerSettings() : nil))
        #expect(deployment.autoDisable.apps == disabled)
        #expect(named.errors.isEmpty && found.errors.isEmpty)
    }

    @Test func theLimitsOfCircuitBreakersAreSettings() {
        var reader = reader(
            .worker,
            [
                "HOOKLINE_BREAKER": "on", "HOOKLINE_BREAKER_WINDOW_SECONDS": "100",
                "HOOKLINE_BREAKER_OPEN_SECONDS": "7", "HOOKLINE_BREAKER_PERCENT": "25", "HOOKLINE_BREAKER_FLOOR": "9",
                "HOOKLINE_BREAKER_ERRORS": "failures", "HOOKLINE_DISABLE_APPS": "internal",
            ])

        let newest = ProtocolRules(ProtocolRelease.known.upperBound)
        let deployment = reader.deliveryPolicies().deployment.under(newest)

        #expect(
            deployment.breaker
                == CircuitBreakerSettings(
                    windowSeconds: 100, openSeconds: 7, threshold: 0.25, floor: 9, errors: .failures))
        // Set, and so not the release's.
        #expect(deployment.autoDisable.apps == .internal)
    }

    @Test func eachSettingOverridesThePolicyInItsOwnPartOnly() {
        let overrides: [(String, String, (inout DeliveryPolicy) -> Void)] = [
            ("RETRY_DELAYS", "1,2", { $0.retry.delays = [.seconds(1), .seconds(2)] }),
            ("RETRY_JITTER_PERCENT", "0", { $0.retry.jitterPercent = 0 }),
            ("RETRY_AFTER_MAX_SECONDS", "7", { $0.retry.maximumRetryAfter = .seconds(7) }),
            ("RETRY_APPS", "published", { $0.retry.apps = .published }),
            ("DISABLE_APPS", "none", { $0.autoDisable.apps = .none }),
            ("DISABLE_DAYS", "3", { $0.autoDisable.rule = .window(FailureWindowRule(dayCount: 3)) }),
            ("DISABLE_TIMEOUTS", "9", { $0.autoDisable.rule = .window(FailureWindowRule(timeoutThreshold: 9)) }),
            ("DISABLE_WARNINGS", "none", { $0.autoDisable.warningPercents = [] }),
            ("LOG_DETAILS", "failures", { $0.details = .failures }),
        ]

        for (name, text, change) in overrides {
            var expected = DeliveryPolicy.standard
            change(&expected)
            var reader = reader(.worker, ["HOOKLINE_POLICY": "standard", "HOOKLINE_\(name)": text])

            #expect(reader.deliveryPolicies().deployment == expected, "\(name)")
            #expect(expected != .standard)
        }
        var originals = reader(.worker, ["HOOKLINE_DISABLE_TIMEOUTS": "off"])
        #expect(
            originals.deliveryPolicies().deployment.autoDisable.rule == .daily(AutoDisableRule(timeoutThreshold: nil)))
    }

    @Test func anAppsOwnPolicyHasItsOwnDefaultsAndWhatIsSetForAll() {
        var reader = reader(
            .worker, ["HOOKLINE_POLICY": "standard", "HOOKLINE_RETRY_DELAYS": "1,2", "HOOKLINE_DISABLE_DAYS": "3"])
        let policies = reader.deliveryPolicies()
        func policy(_ name: DeliveryPolicy.Name?) -> DeliveryPolicy {
            var app = SentryApp(id: 1, slug: "a", name: "A", ownerID: 1, status: .published, uuid: "u")
            app.deliveryPolicy = name
            return policies.policy(of: app, under: .default)
        }
        var (sentry, standard) = (DeliveryPolicy.sentry, DeliveryPolicy.standard)
        sentry.retry.delays = [.seconds(1), .seconds(2)]
        standard.retry.delays = [.seconds(1), .seconds(2)]
        sentry.autoDisable.rule = .daily(AutoDisableRule(dayCount: 3))
        standard.autoDisable.rule = .window(FailureWindowRule(dayCount: 3))

        #expect(policy(nil) == standard)
        #expect(policy(.standard) == standard)
        #expect(policy(.sentry) == sentry)
        #expect(policies.all.map { $0.under(.default) } == [standard, sentry])
        #expect(reader.errors.isEmpty)
    }

    @Test func anInvalidSettingIsReportedOnceForBothPolicies() {
        var reader = reader(.worker, ["HOOKLINE_RETRY_APPS": "some"])

        _ = reader.deliveryPolicies()

        #expect(reader.errors.count == 1)
    }

    @Test func theCheckNamesThePolicyAndTheDefaultsThatComeFromIt() {
        let values = SettingValues(
            program: .worker, flags: [:], environment: ["HOOKLINE_POLICY": "standard", "HOOKLINE_RETRY_APPS": "all"])
        let lines = SettingTexts.listing(of: values).split(separator: "\n")

        #expect(lines.contains("HOOKLINE_POLICY=standard  (environment)"))
        #expect(lines.contains("HOOKLINE_RETRY_DELAYS=5,60,300,1800,7200,21600,43200  (default of policy standard)"))
        #expect(lines.contains("HOOKLINE_DISABLE_DAYS=7  (default)"))
        #expect(lines.contains("HOOKLINE_RETRY_APPS=all  (environment)"))
    }

    @Test func anUnknownPolicyIsAnError() {
        var reader = reader(.worker, ["HOOKLINE_POLICY": "strict"])

        #expect(reader.deliveryPolicies().deployment.name == .sentry)
        #expect(
            reader.errors.map(\.description) == ["HOOKLINE_POLICY is \"strict\", expected sentry or standard"])
    }

    @Test func aMaximumTimeoutBelowTheMinimumIsRefused() {
        var reader = reader(.responder, ["HOOKLINE_WEBHOOK_MIN_TIMEOUT_MS": "31000"])

        #expect(reader.plan(events: nil).timeoutRange == PlanSettings().timeoutRange)
        #expect(reader.errors.map(\.description).count == 1)
        #expect(reader.errors.first?.description.hasPrefix("HOOKLINE_WEBHOOK_MAX_TIMEOUT_MS: ") == true)
    }
}
