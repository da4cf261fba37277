import Foundation
import TestSupport
import Testing

/// The cases of the original's tests of its webhook tasks (docs/protocol.md 10.6 and 10.7) with the shipped programs: an
/// event is enqueued by the API, a real receiver gets the webhook, the row is in Redis.
@Suite struct WebhookAcceptanceTests {
    typealias App = DeliveryFixture.App

    private func body(_ request: WebhookReceiver.Received) -> String { String(decoding: request.body, as: UTF8.self) }

    @Test func anAlertIsSentWithItsRuleAndTheFiveHeadersWhetherOrNotTheAppSubscribesAndRecorded() throws {
        let app = App(id: 1, events: [], hookEvents: nil)
        let fixture = try DeliveryFixture([app])

        let id = try fixture.send(
            app, "event_alert.triggered", data: #"{"event":{"event_id":"e1"},"triggered_rule":"Rule"}"#)
        let additional = try fixture.send(
            app, "event_alert.triggered",
            data:
                #"{"event":{},"triggered_rule":"R","issue_alert":{"id":1,"title":"R","sentry_app_id":1,"settings":[]}}"#
        )

        let request = try #require(try fixture.requests(id).first)
        #expect(
            body(request)
                == #"{"action":"triggered","installation":{"uuid":"\#(app.installation())"},"data":{"event":{"#
                + #""event_id":"e1"},"triggered_rule":"Rule"},"actor":{"type":"application","id":"sentry","name":"Sentry"}}"#
        )
        #expect(request.header("Content-Type") == "application/json")
        #expect(request.header("Sentry-Hook-Resource") == "event_alert")
        #expect(request.header("Sentry-Hook-Timestamp").flatMap(Int.init) != nil)
        #expect(request.header("Sentry-Hook-Signature")?.count == 64)
        #expect(
            body(try #require(try fixture.requests(additional).first)).contains(#""issue_alert":{"id":1,"title":"R""#))
        let rows = try fixture.rows(app, "event_alert.triggered", count: 2)
        #expect(rows.allSatisfy { $0["response_code"].integer == 200 && $0["organization_id"].integer == 1 })
    }

    @Test func anUnknownInstallationIs404() throws {
        let app = App(id: 1)
        let fixture = try DeliveryFixture([app])

        let response = try fixture.post(App(id: 2), #"{"event":"event_alert.triggered","data":{}}"#)

        #expect(response.status == 404)
        #expect(fixture.receiver.received.isEmpty)
    }

    @Test func aChangeOfAnIssueOrAnErrorGoesToTheAppsThatSubscribeToItAndToNoOthers() throws {
        let wanting = App(id: 1)
        let withoutIssues = App(id: 2, path: "/status/201", events: ["error"])
        let withoutHook = App(id: 3, path: "/status/202", hookEvents: nil)
        let hookForOthers = App(id: 4, path: "/status/204", hookEvents: ["error.created"])
        let apps = [wanting, withoutIssues, withoutHook, hookForOthers]
        let fixture = try DeliveryFixture(apps)

        for app in apps { _ = try fixture.send(app, "issue.created", data: #"{"issue":{"id":"1"}}"#) }
        let issue = try fixture.rows(wanting, "issue.created")
        let id = try fixture.send(wanting, "error.created", data: #"{"error":{"issue_id":"1"}}"#)
        let error = try #require(try fixture.requests(id).first)
        try fixture.settle()

        #expect(issue.count == 1)
        #expect(error.header("Sentry-Hook-Resource") == "error" && body(error).hasPrefix(#"{"action":"created""#))
        #expect(Set(fixture.receiver.received.map(\.path)) == [wanting.path])
    }

    @Test func oneInstallationsFailureDoesNotKeepTheEventFromAnother() throws {
        let failing = App(id: 1, path: "/status/404", organizations: [1, 2])
        let working = App(id: 2, organizations: [1, 2])
        let fixture = try DeliveryFixture([failing, working])

        for app in [failing, working] {
            for organization in [1, 2] { _ = try fixture.send(app, "issue.created", organization: organization) }
        }

        let failed = try fixture.rows(failing, "issue.created", isErrors: true, count: 2)
        let succeeded = try fixture.rows(working, "issue.created", count: 2)
        #expect(Set(failed.map { $0["organization_id"].integer }) == [1, 2])
        #expect(Set(succeeded.map { $0["organization_id"].integer }) == [1, 2])
    }

    @Test func whoActsStandsInTheWebhookAUserAnAppOrThePlatform() throws {
        let app = App(id: 1)
        let fixture = try DeliveryFixture([app])
        func sentActor(_ event: String, _ actor: String?) throws -> String {
            let id = try fixture.send(app, event, data: #"{"issue_id":"1"}"#, actor: actor)
            let text = body(try #require(try fixture.requests(id).first))
            return String(text[try #require(text.range(of: #""actor":"#)).upperBound...].dropLast())
        }

        let user = #"{"type":"user","id":7,"name":"Zoë"}"#
        #expect(try sentActor("installation.created", user) == #"{"type":"user","id":7,"name":"Zo\u00eb"}"#)
        for action in ["created", "updated", "deleted"] {
            #expect(try sentActor("comment.\(action)", user) == #"{"type":"user","id":7,"name":"Zo\u00eb"}"#)
        }
        let proxy = #"{"type":"application","id":"a-uuid","name":"An app"}"#
        #expect(try sentActor("issue.assigned", proxy) == proxy)
        #expect(
            try sentActor("issue.resolved", nil) == #"{"type":"application","id":"sentry","name":"Sentry"}"#)
        #expect(Set(fixture.receiver.received.compactMap { $0.header("Sentry-Hook-Resource") }).count == 3)
    }

    @Test func aFailureOfAPublishedAppIsARowWithHeadersAndBodiesAndCountsForNoIntegration() throws {
        let refusing = App(id: 1, path: "/status/400")
        let failing = App(id: 2, path: "/error-ids")
        let fixture = try DeliveryFixture([refusing, failing])

        let id = try fixture.send(refusing, "issue.assigned", data: #"{"issue":{"id":"1"}}"#)
        let request = try #require(try fixture.requests(id).first)
        let row = try #require(try fixture.rows(refusing, "issue.assigned", isErrors: true).first)
        _ = try fixture.send(failing, "issue.assigned")
        let named = try #require(try fixture.rows(failing, "issue.assigned", isErrors: true).first)
        try fixture.settle()

        #expect(row["response_code"].integer == 400 && row["organization_id"].integer == 1)
        #expect(row["response_body"].string == "status 400")
        #expect(row["request_body"].string?.hasPrefix(#""{\"action\":\"assigned\""#) == true)
        #expect(row["request_headers"]["Request-ID"].string == id)
        #expect(row["request_headers"]["Sentry-Hook-Signature"].string == request.header("Sentry-Hook-Signature"))
        #expect(row["attempt"].integer == 1)
        // A 4xx is not repeated, a 5xx is.
        #expect(fixture.receiver.received(refusing.path).count == 1)
        #expect(fixture.receiver.received(failing.path).count == 2)
        #expect(named["error_id"].string == String(repeating: "e", count: 32) && named["project_id"].string == "7")
        #expect(try fixture.redis.command("KEYS", "sentry-app-error:*") == "*0\r\n")
    }

    @Test func aTimeoutIsARowWithCode0AndAnUnpublishedAppsFailureIsNotRetried() throws {
        let published = App(id: 1, path: "/hang")
        let ours = App(id: 2, status: "internal", path: "/hang")
        let fixture = try DeliveryFixture([published, ours])

        _ = try fixture.send(published, "issue.created")
        _ = try fixture.send(ours, "issue.created")
        let repeated = try fixture.rows(published, "issue.created", isErrors: true, count: 2)
        let single = try #require(try fixture.rows(ours, "issue.created", isErrors: true).first)
        try fixture.settle()

        #expect(repeated.allSatisfy { $0["response_code"].integer == 0 && $0["reason"].string == "timeout" })
        #expect(Set(repeated.map { $0["request_id"].string }).count == 1)
        #expect(repeated.map { $0["attempt"].integer } == [2, 1])
        #expect(single["organization_id"].isNull && single["response_body"].isNull)
        #expect(try fixture.rows(ours, "issue.created").count == 1)
        let day = String(try fixture.redis.command("KEYS", "sentry-app-error:2:1:*").split(separator: "\r\n")[2])
        #expect(try fixture.redis.command("HGET", day, "timeout_count") == "$1\r\n1\r\n")
        #expect(try fixture.app(ours)["events"].elements.count == 3)
    }
}
