import Buffer
import Delivery
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// Bodies and headers of webhooks.
@Suite
struct WebhookContentTests {
    private let standard = ["webhook-id", "webhook-timestamp", "webhook-signature"]
    private let contract = [
        "Content-Type", "Request-ID", "Sentry-Hook-Resource", "Sentry-Hook-Timestamp", "Sentry-Hook-Signature",
    ]

    @Test func withoutAnActorItWasThePlatformDatesAreAsTheyWereEnqueued() throws {
        let world = FlowWorld()
        let date = Timestamp(microseconds: 1_563_889_200_000_000).webhookDescription

        let webhook = try world.webhook(world.event(data: #"{"issue": {"id": 1, "at": "\#(date)"}}"#))

        #expect(
            webhook.text
                == #"{"action":"created","installation":{"uuid":"a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},"#
                + #""data":{"issue":{"id":1,"at":"2019-07-23T13:40:00.000000Z"}},"#
                + #""actor":{"type":"application","id":"sentry","name":"Sentry"}}"#)
    }

    @Test func datesAlwaysHaveSixDigitsOfFraction() {
        #expect(Timestamp(microseconds: 1_563_889_200_000_000).webhookDescription == "2019-07-23T13:40:00.000000Z")
        #expect(Timestamp(microseconds: 1_563_889_200_120_000).webhookDescription == "2019-07-23T13:40:00.120000Z")
    }

    @Test func anAppAsTheActorHasItsUuidAUserItsNumber() throws {
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

    @Test func dataIsSentByteForByteAsCompactAsciiJSONWhateverIsInIt() throws {
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

    @Test func thePlannersBodyIsTheOneThatTheEventsOwnTypeBuilds() throws {
        let world = FlowWorld()
        let value = try JSONValue(parsing: #"{"a": ["ü", null, {"b": "\ud83d\ude00"}]}"#)
        let event = WebhookEvent(
            resource: "issue", action: "created", installationUUID: FlowWorld.uuid, data: value,
            actor: .user(id: 1, name: "x"))
        let queued = QueuedEvent(
            event: "issue.created", installationUUID: FlowWorld.uuid, data: value, actor: event.actor.json)

        #expect(try world.webhook(queued).body == event.body)
    }

    @Test func theContractsFiveHeadersComeInOrderThenThoseOfStandardWebhooks() throws {
        let webhook = try FlowWorld().webhook()

        #expect(webhook.headers.map(\.name) == contract + standard)
        #expect(
            webhook.headers.prefix(4).map(\.value) == [
                "application/json", FlowWorld.requestID, "issue", "1700000000",
            ])
        #expect(webhook.header("webhook-id") == FlowWorld.requestID)
        #expect(webhook.header("webhook-timestamp") == "1700000000")
    }

    @Test func bothSignaturesAreOverTheBodyAsItIsSent() throws {
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

    @Test func standardWebhooksHeadersCanBeLeftOut() throws {
        var world = FlowWorld()
        world.settings.sendsStandardHeaders = false

        #expect(try world.webhook().headers.map(\.name) == contract)
    }

    @Test func theSameEntryGivesTheSameWebhookAgainARetrySaysWhichOneItIs() throws {
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

    @Test func aResendNamesTheEventThatItSendsAgain() throws {
        let world = FlowWorld()
        let original = "ffffffffffffffffffffffffffffffff"

        let webhook = try world.webhook(world.event(originalID: original))

        #expect(webhook.originalID == original)
        #expect(webhook.header("Hookline-Original-ID") == original)
        #expect(webhook.header("Request-ID") == FlowWorld.requestID)
    }

    @Test func aResendIsAlsoKnownByTheQueuesOwnField() throws {
        let world = FlowWorld()
        var entry = world.entry(try world.event())
        entry.originalID = "ffffffffffffffffffffffffffffffff"

        guard case .send(let webhook) = try world.planner.plan(entry, now: FlowWorld.now) else {
            throw TestSupportError("it is not sent")
        }

        #expect(webhook.originalID == entry.originalID)
    }
}
