import Model

/// A feature of the original's integration directory (`sentry_integrationfeature.feature`).
struct IntegrationFeature {
    let number: Int64

    /// Where a feature has a row of its own, its gate and description come first.
    func feature(gate: String?, description: String?, appName: String) -> SentryApp.Feature {
        let given = description.flatMap { $0.isEmpty && gate == nil ? nil : $0 }
        return SentryApp.Feature(
            id: number, gate: gate ?? self.gate, description: given ?? self.description(appName: appName))
    }

    /// The original's name of the feature; numbers that it does not know stand for the API.
    private var gate: String {
        switch number {
        case 1: "integrations-issue-link"
        case 2: "integrations-stacktrace-link"
        case 3: "integrations-event-hooks"
        case 4: "integrations-project-management"
        case 5: "integrations-incident-management"
        case 6: "integrations-feature-flag"
        case 7: "integrations-alert-rule"
        case 8: "integrations-release-management"
        case 9: "integrations-visualization"
        case 11: "integrations-chat"
        case 12: "integrations-session-replay"
        default: "integrations-api"
        }
    }

    /// What the original shows where nobody wrote a description.
    private func description(appName: String) -> String {
        switch number {
        case 1: "Organizations can **create or link Sentry issues** to another service."
        case 2: "Organizations can **open a line to Sentry's stack trace** in another service."
        case 3: "\(appName) allows organizations to **forward events to another service**."
        case 4: "Create or link issues in \(appName) from Sentry issue groups."
        case 5: "Manage incidents and outages by sending Sentry notifications to \(appName)."
        case 6: "Improve visibility into feature flagging by sending Sentry errors to \(appName)."
        case 7: "Configure Sentry alerts to trigger notifications in \(appName)."
        case 8: "Notify Sentry of new releases being deployed in \(appName)."
        case 9: "Visualize Sentry data in \(appName)."
        case 11: "Get Sentry notifications in \(appName)."
        case 12: "Link Sentry errors to the session replay in \(appName)."
        default:
            "\(appName) can **utilize the Sentry API** to pull data or update resources in Sentry "
                + "(with permissions granted, of course)."
        }
    }
}
