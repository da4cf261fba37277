package import Directory
package import Model
package import Queue

/// The rules that the directory decides, evaluated as by a worker: every step that stops the event, not only the first.
package struct RuleDiagnostics {
    package private(set) var diagnostics: [Diagnostic] = []
    /// The webhook as it would be made once every problem is fixed; nil when it cannot be made even then.
    package private(set) var webhook: PlannedWebhook?
    /// The steps that do not pass, each with its diagnostic.
    private(set) var failures: [(step: RuleStep, diagnostic: Diagnostic)] = []
    private let target: DiagnosisTarget
    private let audience: DiagnosisAudience

    package init(
        of event: QueuedEvent, to target: DiagnosisTarget, directory: any DeliveryDirectory, settings: PlanSettings,
        audience: DiagnosisAudience, now: Timestamp
    ) throws(DirectoryError) {
        self.target = target
        self.audience = audience
        var dryRun = DryRun()
        var reported = Set<RuleStep.Name>()
        let requestID = EventIDSource.random.next()
        while webhook == nil {
            let planner = WebhookPlanner(
                directory: DryRunDirectory(base: directory, dryRun: dryRun), settings: settings, signing: Unsigned())
            let explanation = try planner.explain(event, requestID: requestID, now: now)
            for step in explanation.steps where reported.insert(step.name).inserted {
                let diagnostic = diagnostic(of: step, event: event.event)
                diagnostics.append(diagnostic)
                if step.result != .passed { failures.append((step, diagnostic)) }
            }
            if case .send(let webhook) = explanation.plan { self.webhook = webhook }
            guard let last = explanation.steps.last, webhook == nil else { break }
            reported.insert(last.name)
            guard dryRun.assumeFixed(last.name, event: event.event) else { break }
        }
    }

    private func diagnostic(of step: RuleStep, event: String) -> Diagnostic {
        let facts = Dictionary(step.facts.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let title = step.name.title
        switch step.result {
        case .passed where step.name == .webhookURL:
            let url = facts["url"] ?? ""
            guard let problem = problem(ofURL: url) else { return .ok(title, url) }
            return .problem(title, "\(url) is not a valid webhook URL: \(problem)")
        case .passed where step.name == .clientSecret:
            guard let problem = facts["problem"] else { return .ok(title, passed(step.name, facts, event: event)) }
            return .note(title, "the app's client secret \(problem). Import the app with another secret")
        case .passed where step.name == .enabled && facts["platform"] != nil:
            return .note(title, disabledByPlatform(facts))
        case .passed: return .ok(title, passed(step.name, facts, event: event))
        case .refuses(let reason) where step.name == .request && target.app.headerProblem != nil:
            // The reason may name files of the server.
            let words = "the app's webhook headers cannot be read, and nothing is sent without them: ask the operators"
            return .problem(title, audience.choose(forOperator: reason, forUser: words))
        case .refuses(let reason) where step.name == .clientSecret && target.app.secretProblem != nil:
            let words =
                "secrets of the app are damaged (\(target.app.damagedSecretNames)), and nothing is sent without them: "
                + "ask the operators"
            return .problem(title, audience.choose(forOperator: reason, forUser: words))
        case .refuses(let reason): return .problem(title, reason)
        case .stops(let reason): return .problem(title, stopped(step.name, reason, facts, event: event))
        }
    }

    /// Why no webhook can be sent to the URL. Not looked for on behalf of operators: for them the connection itself is
    /// tried, which shows the same and more.
    private func problem(ofURL text: String) -> String? {
        guard audience != .operator else { return nil }
        do throws(WebhookURL.Problem) {
            _ = try WebhookURL(parsing: text)
            return nil
        } catch {
            return error.reason
        }
    }

    private func passed(_ name: RuleStep.Name, _ facts: [String: String], event: String) -> String {
        let subscribed = facts["subscribed"] ?? "it"
        switch name {
        case .event: return "\(event) is enabled in this deployment"
        case .installation:
            return "\(facts["installation"] ?? "the installation") at \(target.organization?.slug ?? "?") is "
                + (facts["status"] ?? "installed")
        case .app:
            return "\(target.app.name) is \(target.app.status.name), owned by \(target.owner?.slug ?? "?")"
        case .enabled: return "the app is enabled"
        case .serviceHook: return "the installation has a service hook"
        case .appSubscription: return "the app subscribes to \(subscribed)"
        case .hookSubscription: return "the installation's hook subscribes to \(subscribed)"
        case .projects:
            // That the hook is not limited is not confidential.
            let limits = facts["limited to"] ?? "all projects"
            let shown = audience.seesProjects || limits == "all projects" ? limits : "the event's project"
            return "the hook accepts events of \(shown)"
        case .webhookURL: return "the app has a webhook URL"
        case .relayTarget: return "the app's relay has the target \(facts["target"] ?? "")"
        case .clientSecret:
            let previous = facts["previous until"].map { ", and a previous one that signs, too, until \($0)" } ?? ""
            return "the app has a client secret\(previous)"
        case .request: return "\(facts["body"] ?? "the request"), timeout \(facts["timeout"] ?? "not set")"
        }
    }

    private func stopped(
        _ name: RuleStep.Name, _ reason: DropReason, _ facts: [String: String], event: String
    ) -> String {
        let others = facts["subscribed"].map { $0 == "nothing" ? "" : ", only to \($0)" } ?? ""
        let resource = event.split(separator: ".").first.map(String.init) ?? event
        switch name {
        case .installation:
            return "the installation is \(facts["status"] ?? "missing"): the app must confirm it before it gets events"
        case .enabled: return disabled(facts)
        case .serviceHook:
            let fix = audience.choose(
                forOperator: "install it again, or import a hook", forUser: "install it again")
            return "the installation has no service hook, so it gets no events. Hooks are created when an app with a "
                + "webhook URL is installed: \(fix)"
        case .appSubscription:
            return "the app does not subscribe to \(event)\(others). Add \(event) or \(resource) to its events"
        case .hookSubscription:
            return "the installation's hook does not subscribe to \(event)\(others). The app's subscriptions have "
                + "changed since it was installed, or the hook is out of date"
        case .projects: return unlisted(facts)
        case .webhookURL: return "the app has no webhook URL"
        case .clientSecret:
            let fix = audience.choose(
                forOperator: "import the app with a client_secret", forUser: "ask the operators to give it one")
            return "the app has no client secret, and webhooks signed with an empty key could be forged: \(fix)"
        case .event, .app, .relayTarget, .request: return "the event is dropped (\(reason.rawValue))"
        }
    }

    /// What the platform's mark means, which is not Hookline's own disabling.
    private func disabledByPlatform(_ facts: [String: String]) -> String {
        let app = "the platform has disabled \(target.app.slug) (is_disabled)"
        switch facts["platform"] {
        case "enforced":
            return "\(app), and HOOKLINE_DISABLED_ENFORCEMENT is on: it gets only events about its installation. "
                + audience.choose(
                    forOperator: "The platform's staff can enable it, or 'hookline app enable \(target.app.slug)'",
                    forUser: "The platform's staff can enable it")
        case "installation events only":
            return "\(app), and HOOKLINE_DISABLED_ENFORCEMENT is on; events about its installation are sent "
                + "nevertheless"
        default: return "\(app), which changes nothing while HOOKLINE_DISABLED_ENFORCEMENT is off"
        }
    }

    private func disabled(_ facts: [String: String]) -> String {
        if facts["platform"] != nil { return disabledByPlatform(facts) }
        let slug = target.app.slug
        let fix = audience.choose(forOperator: "run 'hookline app enable \(slug)'", forUser: "enable the app again")
        return
            "\(slug) has been disabled since \(facts["since"] ?? "?"): \(facts["reason"] ?? "no reason is recorded"). "
            + "It subscribed to \(facts["subscriptions before"] ?? "nothing"). Fix its receiver, then \(fix)"
    }

    /// Only members of the organization are shown the projects that it has chosen.
    private func unlisted(_ facts: [String: String]) -> String {
        guard audience.seesProjects else {
            return "the hook is limited to projects of \(target.organization?.slug ?? "the organization"), and the "
                + "event's project is not one of them. Only members of the organization can see which these are"
        }
        let fix = audience.choose(forOperator: "name one with --project", forUser: "name one of them")
        return "the hook is limited to the projects \(facts["limited to"] ?? "?"), and the event's project is "
            + "\(facts["project"] ?? "none")" + (facts["project"] == "none" ? ": \(fix)" : "")
    }
}

extension RuleStep.Name {
    /// The `step` of a diagnostic.
    fileprivate var title: String {
        switch self {
        case .event: "event"
        case .installation: "installation"
        case .app: "app"
        case .enabled: "enabled"
        case .serviceHook: "service hook"
        case .appSubscription: "app's events"
        case .hookSubscription: "hook's events"
        case .projects: "projects"
        case .webhookURL: "webhook URL"
        case .relayTarget: "relay target"
        case .clientSecret: "client secret"
        case .request: "request"
        }
    }
}

extension DryRun {
    /// Assumes that the step's problem is fixed; false when that is impossible, or was assumed already.
    fileprivate mutating func assumeFixed(_ step: RuleStep.Name, event: String) -> Bool {
        switch step {
        case .installation where !isInstalled: isInstalled = true
        case .enabled where !isEnabled: isEnabled = true
        case .serviceHook where !hasServiceHook:
            hasServiceHook = true
            hookSubscription = event
        case .appSubscription where appSubscription == nil: appSubscription = event
        case .hookSubscription where hookSubscription == nil: hookSubscription = event
        case .projects where !allowsAllProjects: allowsAllProjects = true
        default: return false
        }
        return true
    }
}
