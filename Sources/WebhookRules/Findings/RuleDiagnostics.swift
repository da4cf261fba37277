import Buffer
package import Directory
package import Model
package import Queue

/// The part of an event's way that the directory decides, as the worker decides it: every step that stops the event,
/// not only the first.
package struct RuleDiagnostics {
    package private(set) var findings: [Diagnostic] = []
    /// The webhook as it would be made once every problem is mended; nil when one of them cannot be thought away.
    package private(set) var webhook: PlannedWebhook?
    private let target: DiagnosisTarget
    private let audience: Audience

    package init(
        of event: QueuedEvent, to target: DiagnosisTarget, directory: any DeliveryDirectory, settings: PlanSettings,
        audience: Audience, now: Timestamp
    ) throws(DirectoryError) {
        self.target = target
        self.audience = audience
        var assumptions = DryRun()
        var told = Set<PlanStep.Name>()
        let requestID = EventIDSource.random.next()
        while webhook == nil {
            let planner = WebhookPlanner(
                directory: DryRunDirectory(base: directory, assumptions: assumptions), settings: settings,
                signing: Unsigned())
            let explanation = try planner.explain(event, requestID: requestID, now: now)
            for step in explanation.steps where told.insert(step.name).inserted {
                findings.append(finding(of: step, event: event.event))
            }
            if case .send(let webhook) = explanation.plan { self.webhook = webhook }
            guard let last = explanation.steps.last, webhook == nil else { break }
            told.insert(last.name)
            guard assumptions.mend(last.name, event: event.event) else { break }
        }
    }

    private func finding(of step: PlanStep, event: String) -> Diagnostic {
        let facts = Dictionary(step.facts.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let title = step.name.title
        switch step.result {
        case .passed where step.name == .webhookURL && !canBeAsked(facts["url"]):
            return .problem(
                title,
                "\(facts["url"] ?? "") is no address of a receiver: it has to begin with https:// or "
                    + "http:// and a host, and has no blanks")
        case .passed: return .ok(title, passed(step.name, facts, event: event))
        case .refuses(let reason): return .problem(title, reason)
        case .stops(let reason): return .problem(title, stopped(step.name, reason, facts, event: event))
        }
    }

    /// Whether a webhook can be sent there, as far as the text tells. For an operator the address is tried itself, which
    /// tells more.
    private func canBeAsked(_ url: String?) -> Bool {
        guard audience != .theOperator, let url else { return true }
        guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else {
            return false
        }
        let host = url.utf8.dropFirst(scheme.utf8.count).prefix { !"/?#".utf8.contains($0) }
        return !host.isEmpty && url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    private func passed(_ name: PlanStep.Name, _ facts: [String: String], event: String) -> String {
        let subscribed = facts["subscribed"] ?? "it"
        switch name {
        case .event: return "\(event) is an event of this deployment"
        case .installation:
            return "\(facts["installation"] ?? "the installation") at \(target.organization?.slug ?? "?") is "
                + (facts["status"] ?? "there")
        case .app:
            return "\(target.app.name) is \(target.app.status.name), owned by \(target.owner?.slug ?? "?")"
        case .enabled: return "it is enabled"
        case .serviceHook: return "the installation has one"
        case .appSubscription: return "the app subscribes to \(subscribed)"
        case .hookSubscription: return "the installation's hook subscribes to \(subscribed)"
        case .projects:
            // That the hook is not limited is no secret of the organization's.
            let limits = facts["limited to"] ?? "all projects"
            return "the hook listens to \(audience.seesProjects || limits == "all projects" ? limits : "the project")"
        case .webhookURL: return facts["url"] ?? "there is one"
        case .request:
            return "\(facts["body"] ?? "a body"), to be answered within \(facts["time-out"] ?? "the time-out")"
        }
    }

    private func stopped(
        _ name: PlanStep.Name, _ reason: DropReason, _ facts: [String: String], event: String
    ) -> String {
        let subscribed = facts["subscribed"] ?? "nothing"
        let resource = event.split(separator: ".").first.map(String.init) ?? event
        switch name {
        case .installation:
            return "it is \(facts["status"] ?? "not there"): the app has to confirm it before it gets events"
        case .enabled: return disabled(facts)
        case .serviceHook:
            let cure = audience.choose(forOperator: "install it again, or import one", forUser: "install it again")
            return "the installation has no service hook, so it listens to nothing. Hooks are made when an app with "
                + "a webhook URL is installed: \(cure)"
        case .appSubscription:
            return "the app does not subscribe to \(event), it subscribes to \(subscribed). Add \(event) or "
                + "\(resource) to its events"
        case .hookSubscription:
            return "the installation's hook does not subscribe to \(event), it subscribes to \(subscribed). The app's "
                + "subscriptions have changed since it was installed, or the hook is out of step"
        case .projects: return unlisted(facts)
        case .webhookURL: return "the app has no webhook URL"
        case .event, .app, .request: return "it ends here (\(reason.rawValue))"
        }
    }

    private func disabled(_ facts: [String: String]) -> String {
        let slug = target.app.slug
        let cure = audience.choose(forOperator: "'hookline app enable \(slug)'", forUser: "enable it again")
        return "\(slug) is disabled since \(facts["since"] ?? "?"): \(facts["reason"] ?? "no reason is noted"). "
            + "It subscribed to \(facts["subscriptions before"] ?? "nothing"). Mend its receiver, then \(cure)"
    }

    /// The projects that an organization has chosen are told to those who may know them.
    private func unlisted(_ facts: [String: String]) -> String {
        guard audience.seesProjects else {
            return "the hook is limited to projects of \(target.organization?.slug ?? "the organization"), and the "
                + "event names none of them. Which these are is told to members of the organization"
        }
        let cure = audience.choose(forOperator: "say which with --project", forUser: "name one of them")
        return "the hook is limited to the projects \(facts["limited to"] ?? "?"), and the event's project is "
            + "\(facts["project"] ?? "none")" + (facts["project"] == "none" ? ": \(cure)" : "")
    }
}

extension PlanStep.Name {
    /// What a finding about it is headed with.
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
        case .request: "request"
        }
    }
}

extension DryRun {
    /// Takes the step as mended; false when it cannot be, or was already.
    fileprivate mutating func mend(_ step: PlanStep.Name, event: String) -> Bool {
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
