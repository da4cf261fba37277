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
    private let originals = [
        "Content-Type", "Request-ID", "Sentry-Hook-Resource", "Sentry-Hook-Timestamp", "Sentry-Hook-Signature",
    ]

    @Test func withoutAnActorItWasThePlatformDatesAreAsTheyWereEnqueued() throws {
        let fixture = WebhookFixture()
        let date = Timestamp(microseconds: 1_563_889_200_000_000).webhookDescription

        let webhook = try fixture.webhook(fixture.event(data: #"{"issue": {"id": 1, "at": "\#(date)"}}"#))

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
        let fixture = WebhookFixture()
        let app = try JSONValue(parsing: #"{"type":"application","id":"d4a8a2b0","name":"Tracker"}"#)
        let user = try JSONValue(parsing: #"{"type":"user","id":42,"name":"Ünal \"U\" Öz"}"#)

        let byApp = try fixture.webhook(fixture.event(actor: app))
        let byUser = try fixture.webhook(fixture.event(actor: user))
        let byNobody = try fixture.webhook(fixture.event(actor: .null))

        #expect(byApp.text.hasSuffix(#","actor":{"type":"application","id":"d4a8a2b0","name":"Tracker"}}"#))
        #expect(byUser.text.hasSuffix(#","actor":{"type":"user","id":42,"name":"\u00dcnal \"U\" \u00d6z"}}"#))
        #expect(byNobody.text.hasSuffix(#","actor":{"type":"application","id":"sentry","name":"Sentry"}}"#))

        var named = fixture
        named.settings.names = PlatformNames(platform: "Acme", actorID: "acme-platform")
        let byPlatform = try named.webhook(named.event(actor: .null))
        #expect(byPlatform.text.hasSuffix(#","actor":{"type":"application","id":"acme-platform","name":"Acme"}}"#))
    }

    @Test func dataIsSentByteForByteAsCompactAsciiJSONWhateverIsInIt() throws {
        let fixture = WebhookFixture()
        let data =
            #"{ "text": "café 😀 \u2028 \/ \" \\ \n \u007f", "numbers": [1e400, -0, 1.50, 12345678901234567890], "#
            + #""data": {"actor": null, "": {}}, "twice": 1, "twice": [true] }"#

        let webhook = try fixture.webhook(fixture.event(data: data))

        #expect(
            webhook.text.contains(
                #""data":{"text":"caf\u00e9 \ud83d\ude00 \u2028 / \" \\ \n \u007f","#
                    + #""numbers":[1e400,-0,1.50,12345678901234567890],"data":{"actor":null,"":{}},"twice":[true]},"#))
        #expect(webhook.body.allSatisfy { $0 < 0x7F && $0 >= 0x20 })
    }

    @Test func theOriginalsFiveHeadersComeInOrderThenThoseOfStandardWebhooks() throws {
        let webhook = try WebhookFixture().webhook()

        #expect(webhook.headers.map(\.name) == originals + standard)
        #expect(
            webhook.headers.prefix(4).map(\.value) == [
                "application/json", WebhookFixture.requestID, "issue", "1700000000",
            ])
        #expect(webhook.header("webhook-id") == WebhookFixture.requestID)
        #expect(webhook.header("webhook-timestamp") == "1700000000")
    }

    @Test func bothSignaturesAreOverTheBodyAsItIsSent() throws {
        let fixture = WebhookFixture()

        let webhook = try fixture.webhook()

        #expect(
            webhook.header("Sentry-Hook-Signature")
                == WebhookSignature.hexadecimal(of: webhook.body, secret: fixture.app.clientSecret))
        #expect(
            webhook.header("webhook-signature")
                == WebhookSignature.standard(
                    id: WebhookFixture.requestID, timestamp: 1_700_000_000, body: webhook.body,
                    secret: fixture.app.clientSecret))
    }

    @Test func eachValidSecretHasASignatureTheNewestFirstAndTheOriginalsIsOfTheOldest() throws {
        var fixture = WebhookFixture()
        let ends = ["newer": 2, "oldest": 1, "expired": 0].mapValues { WebhookFixture.now.adding(seconds: $0) }
        fixture.app.previousSecrets = ["newer", "oldest", "expired"].compactMap { name in
            ends[name].map { .init(secret: Secret(name), validUntil: $0) }
        }
        func signatures(at now: Timestamp) throws -> (original: String?, standard: [String], webhook: PlannedWebhook) {
            let entry = try fixture.entry(fixture.event())
            guard case .send(let webhook) = try fixture.planner.plan(entry, now: now) else {
                throw TestSupportError("it is not sent")
            }
            let standard = webhook.header("webhook-signature")?.split(separator: " ").map(String.init)
            return (webhook.header("Sentry-Hook-Signature"), standard ?? [], webhook)
        }
        let current = fixture.app.clientSecret

        for (seconds, valid) in [(0, ["newer", "oldest"]), (1, ["newer"]), (2, [])] as [(Int64, [String])] {
            let now = WebhookFixture.now.adding(seconds: seconds)
            let found = try signatures(at: now)
            let secrets = [current] + valid.map { Secret($0) }
            let body = found.webhook.body

            #expect(
                found.standard
                    == secrets.map {
                        WebhookSignature.standard(
                            id: WebhookFixture.requestID, timestamp: now.seconds, body: body, secret: $0)
                    })
            #expect(found.original == WebhookSignature.hexadecimal(of: body, secret: secrets[secrets.count - 1]))
        }
    }

    @Test func aSecretWithoutAKeyHasNoStandardSignatureAndTheOthersHave() throws {
        var fixture = WebhookFixture()
        fixture.app.previousSecrets = [
            .init(secret: Secret("whsec_*"), validUntil: WebhookFixture.now.adding(seconds: 1))
        ]

        let webhook = try fixture.webhook()

        #expect(webhook.header("webhook-signature")?.split(separator: " ").count == 1)
        #expect(
            webhook.header("Sentry-Hook-Signature")
                == WebhookSignature.hexadecimal(of: webhook.body, secret: Secret("whsec_*")))
    }

    @Test func standardWebhooksHeadersCanBeLeftOut() throws {
        var fixture = WebhookFixture()
        fixture.settings.sendsStandardHeaders = false

        #expect(try fixture.webhook().headers.map(\.name) == originals)
    }

    @Test func theSameEntryGivesTheSameWebhookAgainARetrySaysWhichOneItIs() throws {
        let fixture = WebhookFixture()
        let event = try fixture.event()

        let first = try fixture.webhook(event)
        let again = try fixture.webhook(event)
        let retry = try fixture.webhook(event, attempt: 2)

        #expect(first.headers.map { $0.name + $0.value } == again.headers.map { $0.name + $0.value })
        #expect(first.body == again.body)
        #expect(retry.header("Request-ID") == first.header("Request-ID"))
        #expect(first.header("Hookline-Attempt") == nil)
        #expect(retry.header("Hookline-Attempt") == "2")
        #expect(retry.headers.map(\.name) == originals + standard + ["Hookline-Attempt"])
    }

    @Test func aRedeliveryNamesTheOriginalEvent() throws {
        let fixture = WebhookFixture()
        let original = "ffffffffffffffffffffffffffffffff"

        let webhook = try fixture.webhook(fixture.event(originalID: original))

        #expect(webhook.originalID == original)
        #expect(webhook.header("Hookline-Original-ID") == original)
        #expect(webhook.header("Request-ID") == WebhookFixture.requestID)
    }

    @Test func aRedeliveryIsAlsoRecognizedByTheQueuesOwnField() throws {
        let fixture = WebhookFixture()
        var entry = fixture.entry(try fixture.event())
        entry.originalID = "ffffffffffffffffffffffffffffffff"

        guard case .send(let webhook) = try fixture.planner.plan(entry, now: WebhookFixture.now) else {
            throw TestSupportError("it is not sent")
        }

        #expect(webhook.originalID == entry.originalID)
    }
}

/// Headers of an app's owner.
@Suite
struct CustomHeaderTests {
    private func webhook(_ headers: [(String, String)]) throws -> PlannedWebhook {
        var fixture = WebhookFixture()
        fixture.app.customHeaders = headers.map { .init(name: $0.0, value: Secret($0.1)) }
        return try fixture.webhook()
    }

    private func own(_ webhook: PlannedWebhook) -> [String] {
        webhook.headers.dropLast(8).map { "\($0.name): \($0.value)" }
    }

    @Test func theyComeBeforeOursAsTheyWereWritten() throws {
        let webhook = try webhook([("Authorization", "Bearer hidden"), ("X-Team", "Zürich 7"), ("x-empty", "")])

        #expect(own(webhook) == ["Authorization: Bearer hidden", "X-Team: Zürich 7", "x-empty: "])
        #expect(webhook.headers.count == 11)
    }

    @Test func inTheLogTheirValuesAreMaskedOursAreNotAndTheOrderIsTheSame() throws {
        let webhook = try webhook([("Authorization", "Bearer hidden"), ("X-Team", "7")])

        #expect(webhook.loggedHeaders.map(\.name) == webhook.headers.map(\.name))
        #expect(
            webhook.loggedHeaders.prefix(2).map(\.value)
                == Array(repeating: String(repeating: "*", count: 64), count: 2))
        #expect(webhook.loggedHeaders.dropFirst(2).map(\.value) == webhook.headers.dropFirst(2).map(\.value))
        #expect(!"\(webhook.loggedHeaders)".contains("hidden"))
    }

    @Test(arguments: [
        "Content-Type", "request-id", "SENTRY-HOOK-RESOURCE", "Sentry-Hook-Timestamp", "sentry-hook-signature",
        "Webhook-Id", "webhook-timestamp", "WEBHOOK-SIGNATURE", "hookline-original-id", "Hookline-Attempt",
    ])
    func noneTakesThePlaceOfOneOfOursInWhateverCaseItIsWritten(name: String) throws {
        let webhook = try webhook([(name, "forged"), ("X-Own", "1")])

        #expect(own(webhook) == ["X-Own: 1"])
        #expect(!webhook.headers.contains { $0.value == "forged" })
    }

    @Test func noneOfOursIsFreeForTheOwnerWhereItIsNotSent() throws {
        var fixture = WebhookFixture()
        fixture.settings.sendsStandardHeaders = false
        fixture.app.customHeaders = [.init(name: "webhook-signature", value: Secret("v1,forged"))]

        #expect(try fixture.webhook().headers.count == 5)
    }

    @Test(arguments: [
        ("Host", "elsewhere.example.com"), ("content-length", "0"), ("Transfer-Encoding", "chunked"),
        ("Connection", "close"), ("Expect", "100-continue"), ("Proxy-Authorization", "Basic x"),
        ("X-A", "1\r\nSentry-Hook-Signature: 00"), ("X-A", "1\nX-B: 2"), ("X-A", "1\r"), ("X-A", "a\0b"),
        ("X-A", "a\u{7F}"), ("X-A\r\nX-B", "1"), ("X-A: 1\r\nX-B", "2"), ("X A", "1"), ("X-A:", "1"), ("", "1"),
        ("X-Ä", "1"), ("Re\u{212A}uest-ID", "1"),
    ])
    func whatWouldChangeTheRequestsFramingOrSmuggleAnotherHeaderInIsLeftOut(name: String, value: String) throws {
        let webhook = try webhook([(name, value), ("X-Own", "1")])

        #expect(own(webhook) == ["X-Own: 1"])
    }

    @Test func aNameWhoseLettersOnlyBecomeAsciiInLowerCaseIsNoToken() throws {
        #expect(try own(webhook([("X-To\u{212A}en", "1")])).isEmpty)
    }

    @Test func ofHeadersWithTheSameNameTheLastValueCountsAtTheFirstOnesPlace() throws {
        let webhook = try webhook([("X-A", "1"), ("X-B", "2"), ("x-a", "3")])

        #expect(own(webhook) == ["X-A: 3", "X-B: 2"])
    }
}
