import Buffer
import Model
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// Test events.
@Suite
struct SampleEventTests {
    private let fixture = WebhookFixture()

    private var sample: SampleEvent {
        SampleEvent(
            app: fixture.app, installation: fixture.installation, organizationSlug: "acme",
            platformURL: "https://sentry.acme.example", now: WebhookFixture.now)
    }

    @Test func everyEventOfTheCataloguesHasDataOfItsOwnKindMarkedAsATest() throws {
        for event in EventCatalogue.version23Dot7.events + EventCatalogue.version26.events {
            guard case .object(let members) = sample.data(event) else { throw TestSupportError("no object") }

            #expect(members.last == .init(name: SampleEvent.mark, value: .bool(true)), "\(event.rawValue)")
            #expect(members.count > 1, "\(event.rawValue)")
        }
    }

    @Test func anEventOfAnUnknownKindIsJustMarked() {
        #expect(sample.data("weather.changed") == .object([.init(name: SampleEvent.mark, value: .bool(true))]))
        #expect(sample.data("no-event") == .object([.init(name: SampleEvent.mark, value: .bool(true))]))
    }

    @Test(arguments: [
        ("issue.created", ["issue", "id"]), ("issue.resolved", ["issue", "status"]),
        ("issue.resolved", ["resolution_type"]), ("issue.assigned", ["assignee", "email"]),
        ("error.created", ["error", "issue_id"]), ("error.created", ["error", "web_url"]),
        ("comment.created", ["project_slug"]), ("installation.created", ["installation", "uuid"]),
        ("event_alert.triggered", ["event", "event_id"]), ("event_alert.triggered", ["triggered_rule"]),
        ("metric_alert.critical", ["metric_alert", "dateStarted"]), ("metric_alert.open", ["web_url"]),
    ])
    func whatReceiversLookForIsThere(event: String, path: [String]) throws {
        let value = path.reduce(Optional(sample.data(EventType(rawValue: event)))) { $0?[$1] }

        #expect(try #require(value?.string).isEmpty == false, "\(event) \(path)")
    }

    @Test func theStateOfAnIssueFitsTheEvent() {
        #expect(sample.data("issue.resolved")["issue"]?["status"] == .string("resolved"))
        #expect(sample.data("issue.ignored")["issue"]?["status"] == .string("ignored"))
        #expect(sample.data("issue.assigned")["issue"]?["status"] == .string("unresolved"))
    }

    @Test func itIsDeliveredLikeARealEventAlsoToAHookLimitedToItsProject() throws {
        var fixture = fixture
        fixture.hooks[0].projectIDs = [9]
        let project = Project(id: 9, slug: "checkout", organizationID: 5)

        let webhook = try fixture.webhook(sample.queued("issue.created", project: project))

        #expect(webhook.text.contains(#""slug":"checkout""#))
        #expect(webhook.text.contains(#""hookline_test":true}"#))
        #expect(webhook.text.contains(#""firstSeen":"2023-11-14T22:13:20.000000Z""#))
    }
}
