import Buffer
import Model
import Queue
import Redis
import TestSupport
import Testing

@testable import WebhookRules

/// What Redis knows of an app.
@Suite
struct StateDiagnosticsTests {
    private static let now = Timestamp(seconds: 1_700_000_000)
    private static let app = SentryApp(
        id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .published, uuid: "a")

    private let fleet = MemoryFleet()
    private let log = MemoryRequestLog()

    private func state(
        _ audience: DiagnosisAudience = .operator, status: SentryApp.Status = .published
    ) -> StateDiagnostics {
        var app = Self.app
        app.status = status
        return StateDiagnostics(app: app, audience: audience, now: Self.now)
    }

    private let user = DiagnosisAudience.user(seesProjects: true)

    private func health(
        _ audience: DiagnosisAudience = .operator, status: SentryApp.Status = .internal,
        apps: AutoDisableSettings.Apps = .internal
    ) throws -> Diagnostic {
        let settings = AutoDisableSettings(
            rule: .daily(AutoDisableRule(timeoutThreshold: 10, dayCount: 3)), apps: apps)
        return try #require(
            try state(audience, status: status).health(
                organizationID: 1, in: StateSources(health: fleet, windows: fleet), settings: settings
            ).first)
    }

    @Test func anAppThatIsToBeDisabledIsAProblemUnlessItIsDisabledAlready() {
        let disabling = PendingDisabling(appID: 1, organizationID: 2, reason: "responded: 410")
        var app = Self.app
        app.disablement = SentryApp.Disablement(date: Self.now, reason: "x", events: [])

        #expect(state().pending(nil) == nil)
        #expect(StateDiagnostics(app: app, audience: user, now: Self.now).pending(disabling) == nil)
        #expect(
            state().pending(disabling)
                == .problem(
                    "health",
                    "the app is to be disabled as soon as the directory can be written: its webhook responded: 410. It "
                        + "gets no events; 'hookline app enable radar' takes it back"))
        #expect(state(user).pending(disabling)?.text.contains("hookline") == false)
    }

    @Test func thePolicyIsNamedWithWhatItRetries() {
        #expect(
            state().policy(.sentry)
                == .note(
                    "policy",
                    "sentry (HOOKLINE_POLICY): retried: 429 with Retry-After, responses of 500 and above, and attempts "
                        + "without a response"
                ))
        #expect(
            state(status: .internal).policy(.sentry)
                == .note("policy", "sentry (HOOKLINE_POLICY): failures of internal apps are not retried"))
        #expect(
            state(status: .internal).policy(.standard)
                == .note(
                    "policy",
                    "standard (HOOKLINE_POLICY): retried: all responses except 2xx and 410, and attempts without a "
                        + "response"))
    }

    @Test func anAppsOwnPolicyIsNamedAsSuch() {
        var app = Self.app
        app.deliveryPolicy = .standard
        let state = StateDiagnostics(app: app, audience: user, now: Self.now)

        #expect(state.policy(.standard).text.hasPrefix("standard (the app's own): retried: "))
        #expect(self.state(user).policy(.sentry).text.hasPrefix("sentry: "))
    }

    @Test func theCircuitBreakerIsTold() {
        var settings = CircuitBreakerSettings()
        func diagnostic(_ circuit: CircuitState, _ audience: DiagnosisAudience = .operator) -> Diagnostic? {
            fleet.circuit = circuit
            return state(audience).breaker(settings, fleet)
        }

        #expect(diagnostic(.closed) == .ok("breaker", "the circuit breaker is closed"))
        #expect(
            diagnostic(.open(until: Self.now.seconds + 60))
                == .problem(
                    "breaker",
                    "the circuit breaker is open: too many requests have timed out. The app gets no webhooks until "
                        + "2023-11-14T22:14:20Z; events are kept until then"))
        settings.errors = .failures
        #expect(diagnostic(.open(until: Self.now.seconds + 60))?.text.contains("too many requests have failed") == true)
        #expect(
            diagnostic(.recovering(until: Self.now.seconds + 60))
                == .note(
                    "breaker",
                    "the circuit breaker was open. Until 2023-11-14T22:14:20Z, 50 errors open it again"))
        #expect(state().breaker(nil, fleet) == nil)
        #expect(state().breaker(settings, nil) == nil)
        fleet.failure = .timedOut(server: "unix:/run/redis.sock", milliseconds: 5)
        #expect(diagnostic(.closed)?.text.contains("/run/redis.sock") == true)
        #expect(
            diagnostic(.closed, user) == .note("breaker", "unknown, and so closed: its Redis does not respond"))
    }

    @Test func underTheStandardPolicyHealthSaysWhenTheAppWillBeDisabled() throws {
        func health() throws -> Diagnostic? {
            try state().health(
                organizationID: 1, in: StateSources(windows: fleet), settings: DeliveryPolicy.standard.autoDisable
            ).first
        }
        let fine = try health()
        fleet.failureWindow.failures = FailureWindow.Failures(
            first: Self.now.adding(seconds: -86400), last: Self.now, eventCount: 2, dayCount: 1)
        let failing = try health()
        fleet.failureWindow.failures?.first = Self.now.adding(seconds: -7 * 86400)
        fleet.failureWindow.failures?.eventCount = 3
        let late = try health()

        #expect(fine == .ok("health", "no failure since the last success"))
        #expect(
            failing
                == .note(
                    "health",
                    "every webhook has failed since 2023-11-13T22:13:20Z (2 events, on 1 day). If no webhook succeeds, "
                        + "the first one that fails after 2023-11-20T22:13:20Z disables it"))
        #expect(
            late?.text == "every webhook has failed since 2023-11-07T22:13:20Z (3 events or more, on 1 day). The next "
                + "failure disables the app once 3 events have failed on 2 days")
    }

    @Test func afterARedirectTheLogSaysWhatToChange() throws {
        log.add(
            #"{"date":"2023-07-20 11:00:00+00:00","response_code":301,"webhook_url":"u","reason":"redirect"}"#,
            appID: 1, event: "issue.created")

        #expect(
            try state(user).log(of: EventType(rawValue: "issue.created"), in: log).text
                == "latest attempts for issue.created, newest first: 2023-07-20T11:00:00Z 301 (redirect). The last one "
                + "failed: the app redirects, and redirects are not followed: change the app's webhook URL to the "
                + "redirect's target (its Location header)")
    }

    @Test func healthShowsHowFarTheLimitsAreAndPreventsNothing() throws {
        fleet.outcomes = [DailyOutcomes(errors: 2, timeouts: 4), DailyOutcomes(successes: 1, timeouts: 1)]
        let fine = try health()
        fleet.outcomes = [DailyOutcomes(timeouts: 10)]
        let failing = try health()

        #expect(fine.result == .ok)
        #expect(
            fine.text == "3 days: 1 success, 2 errors, 5 timeouts. It is disabled at 10 timeouts on one day "
                + "(most so far: 4) or after 3 days of errors without a success (now: 1)")
        #expect(failing.result == .note)
        #expect(failing.text.hasSuffix(". A limit is reached: the next failure disables the app"))
    }

    @Test func appsThatAreNotCountedAreReportedWithoutRedisAndUsersSeeNoSetting() throws {
        fleet.failure = .timedOut(server: "s", milliseconds: 5)

        #expect(
            try health(status: .published).text
                == "failures of published apps are not counted (HOOKLINE_DISABLE_APPS is internal)")
        #expect(try health(user, status: .published).text == "failures of published apps are not counted")
        #expect(try health(user, apps: .none).text == "failures of internal apps are not counted")
        #expect(throws: RedisError.self) { try health(status: .published, apps: .all) }
    }

    @Test func workersAreCountedForAllAndNamedForOperators() {
        let reports = (1...4).map {
            WorkerReport(consumer: "hall-\($0)", version: "1", startedAt: Self.now, inFlight: 0)
        }

        #expect(state().workers(reports, readers: 0) == .ok("workers", "4 running: hall-1, hall-2, hall-3, …"))
        #expect(state(user).workers(reports, readers: 0) == .ok("workers", "4 running"))
        #expect(state().workers([], readers: 0).text.hasSuffix("until hookline-worker is started"))
        #expect(state(user).workers([], readers: 0).result == .warning)
        #expect(!state(user).workers([], readers: 0).text.contains("hookline"))
        #expect(state().workers([], readers: 0, refusesReports: true).text.hasPrefix("unknown"))
        #expect(state().workers([], readers: 2).text.hasPrefix("2 running, but none can report"))
    }

    @Test func theQueueIsAProblemWhenItIsFullAndUsersLearnNothingOfHowMuchOthersSend() throws {
        fleet.held.waiting = 7
        let calm = try [state(), state(user)].map { try $0.backlog(fleet.statistics(), in: fleet)[0] }
        fleet.held.oldestDueAt = Self.now.adding(seconds: -61)
        let late = try [state(), state(user)].map { try $0.backlog(fleet.statistics(), in: fleet)[0] }
        fleet.maximumDepth = 7
        let full = try [state(), state(user)].map { try $0.backlog(fleet.statistics(), in: fleet)[0] }

        #expect(calm.map(\.result) == [.ok, .ok])
        #expect(calm[0].text == "7 waiting, 0 in progress, 0 scheduled, of all apps")
        #expect(late.map(\.result) == [.note, .note])
        #expect(late[1].text == "the oldest event has been due for 1m 1s: new events will be late, too")
        #expect(full.map(\.result) == [.problem, .problem])
        #expect(full[0].text.hasSuffix("The queue is full (7): new events are rejected with 503"))
        #expect((calm + late + full).allSatisfy { $0.step == "queue" })
        #expect([calm[1], late[1], full[1]].allSatisfy { !$0.text.contains("7") })
    }

    @Test func deadLettersOfTheAppAreCountedWithTheReasonOfTheNewestAndWhatToDoAboutThem() throws {
        let none = try state().backlog(fleet.statistics(), in: fleet)[1]
        for appID: Int64 in [1, 2, 1] {
            let entry = QueueEntry(
                id: "0", appID: appID, event: EventType(rawValue: "issue.created"), enqueuedAt: Self.now, payload: [])
            fleet.letters.append(DeadLetter(entry: entry, reason: "of \(appID)", deadLetteredAt: Self.now))
        }

        #expect(none == .ok("dead letters", "none of this app"))
        #expect(
            try state().backlog(fleet.statistics(), in: fleet)[1].text
                == "2 of this app. The newest: of 1. List them with 'hookline queue list --app radar', redrive them "
                + "with 'hookline queue redrive --all --app radar'")
        #expect(
            try state(user).backlog(fleet.statistics(), in: fleet)[1]
                == .note("dead letters", "2 of this app. The newest: of 1. The operator can redrive them"))
    }

    @Test func theFiveLatestAttemptsAreShownAndTheBodyOnlyOfAFailure() throws {
        let event = EventType(rawValue: "issue.created")
        let empty = try state().log(of: event, in: log)
        for second in 0..<6 {
            log.add(
                #"{"date":"2023-07-20 11:00:0\#(second)+00:00","response_code":\#(second == 5 ? 502 : 200),"#
                    + #""webhook_url":"u","response_body":"no\nmore"}"#, appID: 1, event: "issue.created")
        }
        let failed = try state().log(of: event, in: log)
        log.add(
            #"{"date":"2023-07-20 11:00:09+00:00","response_code":204,"webhook_url":"u","response_body":"x"}"#,
            appID: 1, event: "issue.created")
        let recovered = try state(user).log(of: event, in: log)

        #expect(empty == .note("log", "no attempt for issue.created is in the log of this app"))
        #expect(failed.text.hasPrefix("latest attempts for issue.created, newest first: 2023-07-20T11:00:05Z 502, "))
        #expect(failed.text.hasSuffix("11:00:01Z 200. The last response: no more"))
        #expect(recovered.text.hasSuffix("11:00:02Z 200"))
    }

    @Test(arguments: [300, 301])
    func aBodyIsShownOnOneLineWithAtMost300Characters(count: Int) {
        let text = Excerpt("\u{1B}" + String(repeating: "a", count: count - 1)).description

        #expect(text.hasPrefix(" aa"))
        #expect(text.unicodeScalars.count == (count > 300 ? 301 : 300))
        #expect(text.hasSuffix("…") == (count > 300))
    }
}
