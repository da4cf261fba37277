package import Model
package import Queue
package import Redis

/// What is known of an app's relay and its targets.
package struct RelayState: Sendable {
    package struct Target: Sendable {
        package var target: RelayTarget
        /// Nil = it is enabled.
        package var disabling: TargetDisabling?
        /// Nil where the policy has no circuit breakers.
        package var breaker: CircuitState?
        /// The failures since its last success; nil = none.
        package var failures: FailureWindow.Failures?

        /// In one word, as in responses.
        package enum Condition: String, Sendable {
            case ok, failing, disabled
            case breakerOpen = "breaker-open"
        }

        package var condition: Condition {
            if disabling != nil { return .disabled }
            if breaker?.isOpen == true { return .breakerOpen }
            return failures == nil ? .ok : .failing
        }
    }

    /// When the relay has last received a webhook whose signature was valid; nil when it never did.
    package var lastReceived: Timestamp?
    package var targets: [Target]

    /// Reads the state. A circuit breaker whose Redis does not respond counts as closed, as everywhere.
    ///
    /// - Parameters:
    ///   - policies: of the deployment.
    ///   - windows: the failures of targets; nil = they are not read.
    package init(
        of app: SentryApp, _ targets: RelayTargets, policies: DeliveryPolicies, rules: ProtocolRules,
        states: any RelayTargetKeeping, windows: (any FailureWindowKeeping)?,
        breakers: (any CircuitBreakerReading)?, now: Timestamp
    ) throws(RedisError) {
        let disabled = try states.disabled(appID: app.id)
        lastReceived = try states.lastReceived(appID: app.id)
        let destinations = targets.list.map { WebhookDestination(appID: app.id, target: $0.name) }
        var circuits: [CircuitState?] = targets.list.map { _ in nil }
        if policies.policyOfRelay(of: app).under(rules).breaker != nil, let breakers {
            let read = try? breakers.states(of: destinations.map { .target($0) }, at: now)
            circuits = read ?? targets.list.map { _ in .closed }
        }
        self.targets = []
        for (index, target) in targets.list.enumerated() {
            let failures = try windows?.window(of: destinations[index]).failures
            self.targets.append(
                Target(
                    target: target, disabling: disabled[target.name], breaker: circuits[index], failures: failures))
        }
    }
}

/// What a diagnosis says of a relay.
extension RelayState {
    /// Whether an event of the original would reach the targets, and if not, why not.
    ///
    /// - Parameters:
    ///   - event: nil = any.
    ///   - audience: whom the fix is for.
    package func diagnostics(of event: EventType?, app: SentryApp, audience: DiagnosisAudience) -> [Diagnostic] {
        var diagnostics = [received(app)]
        guard !targets.isEmpty else {
            return diagnostics + [.problem("relay", "the app has no targets, so what arrives is refused (503)")]
        }
        let wanted = targets.filter { target in event.map { target.target.covers($0) } ?? true }
        for target in targets {
            diagnostics.append(diagnostic(of: target, event, app, audience, isOnly: wanted.count == 1))
        }
        if let event, wanted.isEmpty {
            diagnostics.append(.problem("relay", "no target gets \(event.rawValue): see the filters of the targets"))
        } else if wanted.count > 1, wanted.allSatisfy({ $0.disabling != nil }) {
            diagnostics.append(
                .problem("relay", "all targets that get it are disabled, so what arrives is refused (503)"))
        }
        return diagnostics
    }

    /// When the original has last sent something: a silence of it is no failure of a receiver.
    private func received(_ app: SentryApp) -> Diagnostic {
        guard let lastReceived else {
            return .note(
                "relay",
                "the relay has received no webhook yet: the app's webhook URL in the original must lead to "
                    + "/relay/\(app.slug)/ here")
        }
        return .note(
            "relay",
            "the original has sent the last webhook at \(lastReceived.truncatedToSeconds.iso8601Description)")
    }

    private func diagnostic(
        of state: Target, _ event: EventType?, _ app: SentryApp, _ audience: DiagnosisAudience, isOnly: Bool
    ) -> Diagnostic {
        let (target, step) = (state.target, "target \(state.target.name)")
        let name = event.map(\.rawValue) ?? "every event"
        if let event, !target.covers(event) {
            return .note(step, "gets no \(event.rawValue), only \(target.events.joined(separator: ", "))")
        }
        if let disabling = state.disabling {
            let fix = audience.choose(
                forOperator: "'hookline relay enable \(app.slug) \(target.name)'", forUser: "enable it again")
            let text =
                "has been disabled since \(disabling.date.truncatedToSeconds.iso8601Description): its webhook "
                + "\(disabling.reason). Its webhooks are kept as dead letters. Fix its receiver, then \(fix)"
            return isOnly ? .problem(step, text) : .note(step, text)
        }
        let conditions =
            target.conditions.isEmpty
            ? "" : ", if its body meets \(target.conditions.map(\.path).joined(separator: ", "))"
        if case .open(let end)? = state.breaker {
            return .warning(
                step,
                "its circuit breaker is open: it gets no webhooks until "
                    + "\(Timestamp(seconds: end).iso8601Description); they are kept until then")
        }
        guard let failures = state.failures else { return .ok(step, "gets \(name)\(conditions)") }
        return .note(
            step,
            "gets \(name)\(conditions), but every webhook has failed since "
                + "\(failures.first.truncatedToSeconds.iso8601Description)")
    }
}
