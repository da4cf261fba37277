/// The name of a webhook event, `resource.action`, as in Redis keys and in the API.
package struct EventType: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package init(stringLiteral value: String) {
        rawValue = value
    }

    /// An app was uninstalled from an organization: the only event that a deleted installation gets.
    package static let installationDeleted: EventType = "installation.deleted"

    /// Whether it is about the installation itself, such as that it was made.
    package var isAboutTheInstallation: Bool { rawValue.hasPrefix("installation.") }

    /// Resource and action; nil unless the name has exactly one dot with characters on both sides.
    package var parts: (resource: String, action: String)? {
        let parts = rawValue.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    /// Whether only subscribers get it. Thirteen events about installations, alerts and external issues, which apps
    /// cannot subscribe to, need no subscription (docs/protocol.md 1.3, 7.1, 7.10).
    package var needsSubscription: Bool {
        self != EventCatalogue.activityAlert && !EventCatalogue.additionalEvents.contains(self)
    }
}

/// The events that can be stored and queried.
///
/// Their order is the order in which the lists are read; it decides between rows of the same date (docs/protocol.md
/// 1.3, 1.7).
package struct EventCatalogue: Hashable, Sendable {
    package let events: [EventType]

    /// The catalogue of `events`; repeated names are ignored.
    package init(_ events: [EventType]) {
        var seen = Set<EventType>()
        self.events = events.filter { seen.insert($0).inserted }
    }

    package func contains(_ event: EventType) -> Bool {
        events.contains(event)
    }

    /// Release 23.7.1 (docs/protocol.md 1.3).
    package static let version23Dot7 = EventCatalogue(
        [
            "issue.created", "issue.resolved", "issue.ignored", "issue.assigned", "error.created", "comment.created",
            "comment.updated", "comment.deleted",
        ] + additionalEvents)

    /// The releases of 2026 (docs/protocol.md 7.10, the two later `seer` events included).
    package static let version26 = EventCatalogue(
        [
            "issue.assigned", "issue.created", "issue.ignored", "issue.resolved", "issue.unresolved", "error.created",
            "comment.created", "comment.deleted", "comment.updated", "seer.root_cause_started",
            "seer.root_cause_completed", "seer.solution_started", "seer.solution_completed", "seer.coding_started",
            "seer.coding_completed", "seer.triage_started", "seer.triage_completed", "seer.impact_assessment_started",
            "seer.impact_assessment_completed", "seer.pr_created", "seer.iteration_started",
            "seer.iteration_completed", "size_analysis.completed",
        ] + additionalEvents)

    /// Release 26.9 (docs/protocol.md 7.10), and behind its events those that earlier releases of 2025 and 2026 had:
    /// their lists can still be read, until they expire.
    package static let version26Dot9 = EventCatalogue(
        [
            "issue.assigned", "issue.created", "issue.ignored", "issue.resolved", "issue.unresolved", "error.created",
            "comment.created", "comment.deleted", "comment.updated", "seer.root_cause_started",
            "seer.root_cause_completed", "seer.solution_started", "seer.solution_completed", "seer.coding_started",
            "seer.coding_completed", "seer.pr_created", "seer.iteration_started", "seer.iteration_completed",
            "preprod_artifact.size_analysis_completed", "preprod_artifact.build_distribution_completed",
            "event_alert.triggered", activityAlert,
        ] + additionalEvents.dropFirst() + version26.events)

    /// The events of a release, in its order; further ones that can still be in a log follow.
    package static func of(_ release: ProtocolRelease) -> EventCatalogue {
        if release.includes(.renamedEvents) { return version26Dot9 }
        return release.includes(.seerEvents) ? version26 : version23Dot7
    }

    /// The events of a resource, or the event of this name, in the order of the catalogue.
    package func events(subscribedBy name: String) -> [EventType] {
        name.contains(".") ? [EventType(rawValue: name)] : events.filter { $0.parts?.resource == name }
    }

    fileprivate static let activityAlert: EventType = "activity_alert.triggered"

    /// Events that are delivered and stored without a subscription.
    fileprivate static let additionalEvents: [EventType] = [
        "event_alert.triggered", "external_issue.created", "external_issue.linked", "installation.created",
        .installationDeleted, "select_options.requested", "metric_alert.open", "metric_alert.resolved",
        "metric_alert.critical", "metric_alert.warning", "alert_rule_action.requested", "alert_rule_action.error",
    ]

    /// Reads the setting `HOOKLINE_EVENTS` unless it is `auto`: `23.7`, `26`, or a comma-separated list of event names.
    ///
    /// Returns nil when a name is not `resource.action` of lower-case letters, digits and underscores, which are safe
    /// in Redis keys.
    package init?(setting: String) {
        switch setting {
        case "23.7": self = .version23Dot7
        case "26": self = .version26
        default:
            let names = setting.split(separator: ",", omittingEmptySubsequences: false).map { name in
                String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            guard names.allSatisfy(EventCatalogue.isEventName) else { return nil }
            self.init(names.map(EventType.init(rawValue:)))
        }
    }

    private static func isEventName(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
            }
    }
}
