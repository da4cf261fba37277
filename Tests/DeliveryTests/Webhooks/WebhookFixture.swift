import Buffer
import Delivery
import Directory
import Model
import Queue
import TestSupport
import WebhookRules
import WireJSON

/// An app that is installed and subscribes to issues, the directory that knows it, and events for it.
struct WebhookFixture {
    static let uuid = "a8e5d37a-696c-4c54-adb5-b3f28d64c7de"
    static let requestID = "0123456789abcdef0123456789abcdef"
    static let now = Timestamp(seconds: 1_700_000_000)

    var app: SentryApp
    var installation = Installation(
        id: 7, appID: 3, organizationID: 5, uuid: WebhookFixture.uuid, dateAdded: Timestamp(seconds: 0))
    var hooks = [
        ServiceHook(
            id: 11, installationID: 7, organizationID: 5, url: "https://old.example.com/", events: ["issue.created"])
    ]
    var settings = PlanSettings()
    var failure: DirectoryError?

    init(status: SentryApp.Status = .published, events: [String] = ["issue.created"]) {
        app = SentryApp(
            id: 3, slug: "tracker", name: "Tracker", ownerID: 5, status: status,
            uuid: "6c1b1e6c-8a3f-4e0e-9a42-3d1f8f1f2a11", webhookURL: "https://app.example.com/hook", events: events,
            clientSecret: Secret("secret-0123456789abcdef"))
    }

    var planner: WebhookPlanner {
        var directory = MemoryDirectory()
        directory.apps = [app]
        directory.installations = [installation]
        directory.serviceHooks = hooks
        directory.failure = failure
        return WebhookPlanner(directory: directory, settings: settings, signing: SecretSigning())
    }

    func event(
        _ name: String = "issue.created", project: Int64? = nil, data: String = #"{"issue":{"id":"1"}}"#,
        actor: JSONValue? = nil, originalID: String? = nil
    ) throws -> QueuedEvent {
        QueuedEvent(
            event: name, installationUUID: installation.uuid, projectID: project, data: try JSONValue(parsing: data),
            actor: actor, originalID: originalID)
    }

    func entry(_ event: QueuedEvent, attempt: Int = 1) -> QueueEntry {
        QueueEntry(
            id: WebhookFixture.requestID, appID: app.id, event: EventType(rawValue: event.event),
            enqueuedAt: WebhookFixture.now, payload: event.bytes, attempt: attempt)
    }

    func plan(_ event: QueuedEvent, attempt: Int = 1) throws -> DeliveryPlan {
        try planner.plan(entry(event, attempt: attempt), now: WebhookFixture.now)
    }

    /// The webhook of an event that is sent.
    func webhook(_ event: QueuedEvent, attempt: Int = 1) throws -> PlannedWebhook {
        guard case .send(let webhook) = try plan(event, attempt: attempt) else {
            throw TestSupportError("the event is not sent")
        }
        return webhook
    }

    func webhook() throws -> PlannedWebhook { try webhook(event()) }

    /// An attempt of this fixture's app that ended with `outcome`.
    func attempt(
        _ outcome: SendResult.Outcome, number: Int = 1, milliseconds: Int = 12, originalID: String? = nil
    ) throws -> FinishedAttempt {
        let event = try event(originalID: originalID)
        return FinishedAttempt(
            entry: entry(event, attempt: number), webhook: try webhook(event, attempt: number),
            result: SendResult(outcome: outcome, durationMilliseconds: milliseconds), date: WebhookFixture.now)
    }

    func responded(_ status: Int, retryAfter: String? = nil, number: Int = 1) throws -> FinishedAttempt {
        try attempt(.response(ReceivedResponse(status: status, retryAfter: retryAfter)), number: number)
    }
}

extension PlannedWebhook {
    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}
