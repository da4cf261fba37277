import Buffer
import Delivery
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

@Suite("Bodies and headers of webhooks")
struct WebhookContentTests {
    private let standard = ["webhook-id", "webhook-timestamp", "webhook-signature"]
    private let contract = [
        "Content-Type", "Request-ID", "Sentry-Hook-Resource", "Sentry-Hook-Timestamp", "Sentry-Hook-Signature",
    ]

    @Test("Without an actor it was the platform; dates are as they were enqueued")
    func noActor() throws {
        let world = FlowWorld()
        let date = Timestamp(microseconds: 1_563_889_200_000_000).webhookDescription

        let webhook = try world.webhook(world.event(data: #"{"issue": {"id": 1, "at": "\#(date)"}}"#))

        #expect(
            webhook.text
                == #"{"action":"created","installation":{"uuid":"a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},"#
                + #""data":{"issue":{"id":1,"at":"2019-07-23T13:40:00.000000Z"}},"#
                + #""actor":{"type":"application","id":"sentry","name":"Sentry"}}"#)
    }

    @Test("Dates always have six digits of fraction")
    func dates() {
        #expect(Timestamp(microseconds: 1_563_889_200_000_000).webhookDescription == "2019-07-23T13:40:00.000000Z")
        #expect(Timestamp(microseconds: 1_563_889_200_120_000).webhookDescription == "2019-07-23T13:40:00.120000Z")
    }

    @Test("An app as the actor has its uuid, a user its number")
    func actors() throws {
        let world = FlowWorld()
        let app = WebhookEvent.Actor.app(uuid: "d4a8a2b0", name: "Tracker")
        let user = WebhookEvent.Actor.user(id: 42, name: "Ünal \"U\" Öz")

        let byApp = try world.webhook(world.event(actor: app.json))
        let byUser = try world.webhook(world.event(actor: user.json))
        let byNobody = try world.webhook(world.event(actor: .null))

        #expect(byApp.text.hasSuffix(#","actor":{"type":"application","id":"d4a8a2b0","name":"Tracker"}}"#))
        #expect(byUser.text.hasSuffix(#","actor":{"type":"user","id":42,"name":"\u00dcnal \"U\" \u00d6z"}}"#))
        #expect(byNobody.text.hasSuffix(#","actor":{"type":"application","id":"sentry","name":"Sentry"}}"#))
    }

    @Test("Data is sent byte for byte as compact ASCII JSON, whatever is in it")
    func data() throws {
        let world = FlowWorld()
        let data =
            #"{ "text": "café 😀 \u2028 \/ \" \\ \n \u007f", "numbers": [1e400, -0, 1.50, 12345678901234567890], "#
            + #""data": {"actor": null, "": {}}, "twice": 1, "twice": [true] }"#

        let webhook = try world.webhook(world.event(data: data))

        #expect(
            webhook.text.contains(
                #""data":{"text":"caf\u00e9 \ud83d\ude00 \u2028 / \" \\ \n \u007f","#
                    + #""numbers":[1e400,-0,1.50,12345678901234567890],"data":{"actor":null,"":{}},"twice":[true]},"#))
        #expect(webhook.body.allSatisfy { $0 < 0x7F && $0 >= 0x20 })
    }

    @Test("The planner's body is the one that the event's own type builds")
    func sameBody() throws {
        let world = FlowWorld()
        let value = try JSONValue(parsing: #"{"a": ["ü", null, {"b": "\ud83d\ude00"}]}"#)
        let event = WebhookEvent(
            resource: "issue", action: "created", installationUUID: FlowWorld.uuid, data: value,
            actor: .user(id: 1, name: "x"))
        let queued = QueuedEvent(
            event: "issue.created", installationUUID: FlowWorld.uuid, data: value, actor: event.actor.json)

        #expect(try world.webhook(queued).body == event.body)
    }

    @Test("The contract's five headers come in order, then those of Standard Webhooks")
    func headers() throws {
        let webhook = try FlowWorld().webhook()

        #expect(webhook.headers.map(\.name) == contract + standard)
        #expect(
            webhook.headers.prefix(4).map(\.value) == [
                "application/json", FlowWorld.requestID, "issue", "1700000000",
            ])
        #expect(webhook.header("webhook-id") == FlowWorld.requestID)
        #expect(webhook.header("webhook-timestamp") == "1700000000")
    }

    @Test("Both signatures are over the body as it is sent")
    func signatures() throws {
        let world = FlowWorld()

        let webhook = try world.webhook()

        #expect(
            webhook.header("Sentry-Hook-Signature")
                == WebhookSignature.hexadecimal(of: webhook.body, secret: world.app.clientSecret))
        #expect(
            webhook.header("webhook-signature")
                == WebhookSignature.standard(
                    id: FlowWorld.requestID, timestamp: 1_700_000_000, body: webhook.body,
                    secret: world.app.clientSecret))
    }

    @Test("Standard Webhooks headers can be left out")
    func withoutStandardHeaders() throws {
        var world = FlowWorld()
        world.settings.sendsStandardHeaders = false

        #expect(try world.webhook().headers.map(\.name) == contract)
    }

    @Test("The same entry gives the same webhook again, a retry says which one it is")
    func stableAcrossCalls() throws {
        let world = FlowWorld()
        let event = try world.event()

        let first = try world.webhook(event)
        let again = try world.webhook(event)
        let retry = try world.webhook(event, attempt: 2)

        #expect(first.headers.map { $0.name + $0.value } == again.headers.map { $0.name + $0.value })
        #expect(first.body == again.body)
        #expect(retry.header("Request-ID") == first.header("Request-ID"))
        #expect(first.header("Hookline-Attempt") == nil)
        #expect(retry.header("Hookline-Attempt") == "2")
        #expect(retry.headers.map(\.name) == contract + standard + ["Hookline-Attempt"])
    }

    @Test("A resend names the event that it sends again")
    func resend() throws {
        let world = FlowWorld()
        let original = "ffffffffffffffffffffffffffffffff"

        let webhook = try world.webhook(world.event(originalID: original))

        #expect(webhook.originalID == original)
        #expect(webhook.header("Hookline-Original-ID") == original)
        #expect(webhook.header("Request-ID") == FlowWorld.requestID)
    }

    @Test("A resend is also known by the queue's own field")
    func resendByEntry() throws {
        let world = FlowWorld()
        var entry = world.entry(try world.event())
        entry.originalID = "ffffffffffffffffffffffffffffffff"

        guard case .send(let webhook) = try world.planner.plan(entry, now: FlowWorld.now) else {
            throw TestSupportError("it is not sent")
        }

        #expect(webhook.originalID == entry.originalID)
    }
}
