package import Model
package import Queue
package import WireJSON

/// An event for testing a webhook: has the structure of a real one of its type, and is marked as a test.
package struct SampleEvent: Sendable {
    /// The member of `data` that marks a test event; no real event has it.
    package static let mark = "hookline_test"

    private let app: SentryApp
    private let installation: Installation
    private let organizationSlug: String
    /// URL of the platform for links, without a slash at its end.
    private let platformURL: String
    private let now: Timestamp

    package init(
        app: SentryApp, installation: Installation, organizationSlug: String,
        platformURL: String = "https://sentry.example.com", now: Timestamp
    ) {
        self.app = app
        self.installation = installation
        self.organizationSlug = organizationSlug
        self.platformURL = platformURL
        self.now = now
    }

    /// The event as it is enqueued.
    ///
    /// - Parameter project: the event's project; hooks can be limited to projects.
    package func queued(_ event: EventType, project: Project? = nil) -> QueuedEvent {
        QueuedEvent(
            event: event.rawValue, installationUUID: installation.uuid, projectID: project?.id,
            data: data(event, project: project))
    }

    /// The `data` of an event; for an unknown type only the mark.
    package func data(_ event: EventType, project: Project? = nil) -> JSONValue {
        let project = project ?? Project(id: 1, slug: "example", organizationID: installation.organizationID)
        return .object(members(event, project) + [member(SampleEvent.mark, .bool(true))])
    }

    private func members(_ event: EventType, _ project: Project) -> [JSONValue.Member] {
        guard let (resource, action) = event.parts else { return [] }
        return switch resource {
        case "issue": change(action) + [member("issue", issue(project, action))]
        case "error": [member("error", occurrence(project))]
        case "comment": comment(project)
        case "installation": [member("installation", installed(action))]
        case "event_alert": alert(project)
        case "metric_alert": metricAlert(project, action)
        case "external_issue", "select_options", "alert_rule_action": requested(project)
        case "seer": [member("run_id", .number("1")), member("group_id", .number("1"))]
        case "size_analysis": [member("projectSlug", .string(project.slug)), member("state", .string("success"))]
        default: []
        }
    }
}

extension SampleEvent {
    private var title: String { "Test event: this did not happen" }
    private var issueURL: String { platformURL + "/organizations/\(organizationSlug)/issues/1/" }
    private var apiURL: String { platformURL + "/api/0" }
    private var date: JSONValue { .string(now.webhookDescription) }
    private var eventID: String { String(repeating: "0", count: 31) + "1" }

    private func member(_ name: String, _ value: JSONValue) -> JSONValue.Member { .init(name: name, value: value) }

    private func member(_ name: String, _ value: String) -> JSONValue.Member {
        .init(name: name, value: .string(value))
    }

    /// The members before `issue`, in events about changes.
    private func change(_ action: String) -> [JSONValue.Member] {
        switch action {
        case "resolved": [member("resolution_type", "now")]
        case "assigned":
            [
                member(
                    "assignee",
                    .object([
                        member("type", "user"), member("name", "Test User"), member("email", "user@example.com"),
                        member("id", .number("1")),
                    ]))
            ]
        default: []
        }
    }

    private func issue(_ project: Project, _ action: String) -> JSONValue {
        let status = ["resolved": "resolved", "ignored": "ignored"][action] ?? "unresolved"
        return .object([
            member("id", "1"), member("shortId", project.slug.uppercased() + "-1"), member("title", title),
            member("culprit", "hookline.test"), member("permalink", issueURL), member("logger", .null),
            member("level", "error"), member("status", status), member("statusDetails", .object([])),
            member("isPublic", .bool(false)), member("platform", "other"), member("project", projectObject(project)),
            member("type", "error"),
            member("metadata", .object([member("type", "TestEvent"), member("value", title)])),
            member("numComments", .number("0")), member("assignedTo", .null), member("isBookmarked", .bool(false)),
            member("isSubscribed", .bool(false)), member("hasSeen", .bool(false)), member("annotations", .array([])),
            member("isUnhandled", .bool(false)), member("count", "1"), member("userCount", .number("0")),
            member("firstSeen", date), member("lastSeen", date), member("web_url", issueURL),
            member("url", apiURL + "/issues/1/"),
        ])
    }

    private func projectObject(_ project: Project) -> JSONValue {
        .object([
            member("id", String(project.id)), member("name", project.slug), member("slug", project.slug),
            member("platform", "other"),
        ])
    }

    /// An error, as in `error.created` and issue alerts.
    private func occurrence(_ project: Project) -> JSONValue {
        .object([
            member("event_id", eventID), member("project", .number(String(project.id))), member("title", title),
            member("message", ""), member("platform", "other"), member("level", "error"),
            member("culprit", "hookline.test"), member("type", "error"), member("datetime", date),
            member("timestamp", .number(String(now.seconds))),
            member("tags", .array([.array([.string("level"), .string("error")])])),
            member("url", apiURL + "/projects/\(organizationSlug)/\(project.slug)/events/\(eventID)/"),
            member("web_url", issueURL + "events/\(eventID)/"), member("issue_url", apiURL + "/issues/1/"),
            member("issue_id", "1"),
        ])
    }

    private func comment(_ project: Project) -> [JSONValue.Member] {
        [
            member("comment_id", .number("1")), member("issue_id", .number("1")),
            member("project_slug", project.slug), member("timestamp", date), member("comment", title),
        ]
    }

    private func installed(_ action: String) -> JSONValue {
        .object([
            member("status", action == "deleted" ? "deleted" : installation.status.name),
            member("organization", .object([member("slug", organizationSlug)])),
            member("app", .object([member("uuid", app.uuid), member("slug", app.slug)])),
            member("code", .null), member("uuid", installation.uuid),
        ])
    }

    private func alert(_ project: Project) -> [JSONValue.Member] {
        [
            member("event", occurrence(project)), member("triggered_rule", "Test alert"),
            member(
                "issue_alert",
                .object([
                    member("id", .number("1")), member("title", "Test alert"),
                    member("sentry_app_id", .number(String(app.id))), member("settings", .array([])),
                ])),
        ]
    }

    private func metricAlert(_ project: Project, _ action: String) -> [JSONValue.Member] {
        let url = platformURL + "/organizations/\(organizationSlug)/alerts/rules/details/1/"
        let rule = JSONValue.object([
            member("id", "1"), member("name", "Test alert"), member("aggregate", "count()"),
            member("query", ""), member("timeWindow", .number("60")),
            member("projects", .array([.string(project.slug)])),
        ])
        return [
            member(
                "metric_alert",
                .object([
                    member("id", "1"), member("identifier", "1"), member("title", "Test alert"),
                    member("status", .number(action == "resolved" ? "2" : "20")), member("alert_rule", rule),
                    member("dateStarted", date), member("dateDetected", date),
                    member("dateClosed", action == "resolved" ? date : .null),
                ])),
            member("description_text", title), member("description_title", "Test alert: \(action)"),
            member("web_url", url),
        ]
    }

    /// The members of events that request something from the app.
    private func requested(_ project: Project) -> [JSONValue.Member] {
        [
            member("fields", .object([member("title", title)])),
            member(
                "issue",
                .object([member("id", "1"), member("title", title), member("web_url", issueURL)])),
            member("project", projectObject(project)),
            member("organization", .object([member("slug", organizationSlug)])),
        ]
    }
}
