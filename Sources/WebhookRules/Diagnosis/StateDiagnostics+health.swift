import Model
import Queue
import Redis

/// The delivery policy, and the counts by which the app may be disabled.
extension StateDiagnostics {
    /// The rules that apply to the app's failures.
    func policy(_ policy: DeliveryPolicy) -> Diagnostic {
        let failures =
            switch policy.retry.responses {
            case .serverErrors: "429 with Retry-After, responses of 500 and above"
            case .serverErrorsButOutages:
                "429 with Retry-After, responses of 500 and above except 503 and 504"
            case .failures: "all responses except 2xx and 410"
            }
        let isRetried = policy.retry.apps == .all || app.status == .published
        let retries =
            isRetried
            ? "retried: \(failures), and attempts without a response"
            : "failures of \(app.status.name) apps are not retried"
        let origin =
            app.deliveryPolicy == nil
            ? audience.choose(forOperator: " (HOOKLINE_POLICY)", forUser: "") : " (the app's own)"
        return .note("policy", "\(policy.name.rawValue)\(origin): \(retries)")
    }

    /// That the app is to be disabled: it gets nothing already. Nil when it is not, or is disabled.
    func pending(_ disabling: PendingDisabling?) -> Diagnostic? {
        guard let disabling, app.disablement == nil else { return nil }
        let fix = audience.choose(
            forOperator: "'hookline app enable \(app.slug)' takes it back",
            forUser: "enabling the app takes it back")
        return .problem(
            "health",
            "the app is to be disabled as soon as the directory can be written: its webhook \(disabling.reason). It "
                + "gets no events; \(fix)"
        )
    }

    /// The state of the app's circuit breaker; nil where there are none.
    ///
    /// Where its Redis does not respond, the breaker counts as closed, and the reason is told.
    func breaker(_ settings: CircuitBreakerSettings?, _ breakers: (any CircuitBreakerReading)?) -> Diagnostic? {
        guard let settings, let breakers else { return nil }
        let state: CircuitState
        do throws(RedisError) {
            state = try breakers.states(of: [.app(slug: app.slug)], at: now).first ?? .closed
        } catch {
            return .note(
                "breaker",
                "unknown, and so closed: "
                    + audience.choose(forOperator: "\(error)", forUser: "its Redis does not respond"))
        }
        switch state {
        case .closed: return .ok("breaker", "the circuit breaker is closed")
        case .open(let end):
            let errors =
                switch settings.errors {
                case .hardTimeout: "too many requests have timed out"
                case .failures: "too many requests have failed"
                }
            return .warning(
                "breaker",
                "the circuit breaker is open: \(errors). The app gets no webhooks until "
                    + "\(Timestamp(seconds: end).iso8601Description); events are kept until then")
        case .recovering(let end):
            return .note(
                "breaker",
                "the circuit breaker was open. Until \(Timestamp(seconds: end).iso8601Description), "
                    + "\(Int(settings.recoveryFloor).counted("error")) "
                    + (settings.recoveryFloor == 1 ? "opens it again" : "open it again"))
        }
    }

    /// The counts by which the app may be disabled, and how far they are from the limits.
    ///
    /// - Returns: empty when the source of the counts is missing.
    func health(
        organizationID: Int64, in sources: StateSources, settings: AutoDisableSettings
    ) throws(RedisError) -> [Diagnostic] {
        guard settings.covers(app) else {
            let setting = audience.choose(
                forOperator: " (HOOKLINE_DISABLE_APPS is \(settings.apps.rawValue))", forUser: "")
            return [.note("health", "failures of \(app.status.name) apps are not counted\(setting)")]
        }
        guard app.disablement == nil else {
            return [.note("health", "the failure counts were reset when the app was disabled")]
        }
        switch settings.rule {
        case .daily(let rule):
            guard let counts = sources.health else { return [] }
            let key = FailureCountKey(appID: app.id, organizationID: organizationID)
            return [daily(rule, try counts.days(of: key, upTo: now, count: rule.dayCount))]
        case .window(let rule):
            guard let windows = sources.windows else { return [] }
            return [window(rule, try windows.window(appID: app.id))]
        }
    }

    private func daily(_ rule: AutoDisableRule, _ days: [DailyOutcomes]) -> Diagnostic {
        let sum = days.reduce(into: DailyOutcomes()) { sum, day in
            sum.successes += day.successes
            sum.errors += day.errors
            sum.timeouts += day.timeouts
        }
        let worst = days.map(\.timeouts).max() ?? 0
        let errorDays = days.prefix { $0.errors > 0 && $0.successes == 0 }.count
        let timeouts = rule.timeoutThreshold.map { "at \($0) timeouts on one day (most so far: \(worst)) or " } ?? ""
        let counts =
            "\(rule.dayCount) days: \(sum.successes.counted("success")), \(sum.errors.counted("error")), "
            + "\(sum.timeouts.counted("timeout")). It is disabled \(timeouts)after \(rule.dayCount) days of errors "
            + "without a success (now: \(errorDays))"
        guard rule.isMet(by: days) else { return .ok("health", counts) }
        return .note("health", counts + ". A limit is reached: the next failure disables the app")
    }

    private func window(_ rule: FailureWindowRule, _ window: FailureWindow) -> Diagnostic {
        guard let failures = window.failures else { return .ok("health", "no failure since the last success") }
        let since = failures.first.truncatedToSeconds.iso8601Description
        let more = failures.eventCount < FailureWindows.eventLimit ? "" : " or more"
        let counts =
            "every webhook has failed since \(since) (\(failures.eventCount.counted("event"))\(more), on "
            + "\(failures.dayCount.counted("day")))"
        let end = rule.disablesAt(failures)
        guard now >= end else {
            return .note(
                "health",
                "\(counts). If no webhook succeeds, the first one that fails after "
                    + "\(end.truncatedToSeconds.iso8601Description) disables it")
        }
        return .note(
            "health",
            "\(counts). The next failure disables the app once \(rule.minimumEvents) events have failed on "
                + rule.minimumDays.counted("day"))
    }
}
