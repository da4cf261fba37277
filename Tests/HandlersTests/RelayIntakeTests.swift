import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// Taking in webhooks that are to be relayed: 202 is said only once the queue has them, and nothing without a valid
/// signature is stored.
@Suite struct RelayIntakeTests {
    @Test func aSignedWebhookIsQueuedWithItsBytes() throws {
        let fixture = HandlersFixture.relaying()
        let body = "{ \"action\":\"created\",\n\t\"data\":{\"x\":[1.50,1E5,\"\\ud800\"]} }"

        let response = fixture.relay(body, key: "the-key")

        let id = RelayIdentifiers.delivery(appID: 12, requestID: HandlersFixture.webhookID, target: "ci")
        #expect(response.status == 202)
        #expect(
            response.text
                == #"{"requestId":"\#(HandlersFixture.webhookID)","deliveries":[{"target":"ci","id":"\#(id)"}]}"#)
        #expect(response.header("Cache-Control") == "no-store")
        #expect(response.header("Content-Type") == "application/json")
        let entry = try #require(fixture.queue.entries.first)
        #expect(fixture.queue.entries.count == 1)
        #expect(entry.id == id && entry.appID == 12 && entry.event == "issue.created" && entry.target == "ci")
        let relayed = try #require(RelayedWebhook(bytes: entry.payload))
        #expect(relayed.body == Array(body.utf8))
        #expect(relayed.requestID == HandlersFixture.webhookID && relayed.resource == "issue")
        #expect(relayed.signature == OriginalSignature.of(Array(body.utf8), secret: "hush"))
        #expect(relayed.idempotencyKey == "the-key" && relayed.originalID == nil)
        #expect(fixture.relayTargets.received == [12: HandlersFixture.now])
    }

    @Test func everyTargetWhoseFilterFitsGetsADelivery() {
        let fixture = HandlersFixture.relaying(to: [
            RelayTarget(name: "all", url: "https://a.test/"),
            RelayTarget(name: "errors", url: "https://b.test/", events: ["error"]),
            RelayTarget(
                name: "web", url: "https://c.test/",
                conditions: [.init(path: "data.issue.project.slug", value: .string("web"))]),
            RelayTarget(
                name: "app", url: "https://d.test/",
                conditions: [.init(path: "data.issue.project.slug", value: .string("app"))]),
        ])

        let response = fixture.relay()

        #expect(response.status == 202)
        #expect(fixture.queue.entries.map(\.target) == ["all", "web"])
        #expect(Set(fixture.queue.entries.map(\.id)).count == 2)
        #expect(
            Set(fixture.queue.entries.compactMap { RelayedWebhook(bytes: $0.payload)?.requestID })
                == [HandlersFixture.webhookID])
    }

    /// 202 would say that something is delivered.
    @Test func aWebhookThatNoTargetWantsIsNotAccepted() {
        let fixture = HandlersFixture.relaying(to: [
            RelayTarget(name: "errors", url: "https://b.test/", events: ["error"])
        ])

        let response = fixture.relay()

        #expect(response.status == 200 && response.json?["deliveries"].elements.isEmpty == true)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func aSignatureByAPreviousSecretIsValid() {
        var fixture = HandlersFixture.relaying()
        fixture.directory.apps[2].previousSecrets = [
            .init(secret: Secret("older"), validUntil: HandlersFixture.now.adding(seconds: 60)),
            .init(secret: Secret("oldest"), validUntil: HandlersFixture.now.adding(seconds: -60)),
        ]

        #expect(fixture.relay(secret: "older").status == 202)
        #expect(fixture.relay(secret: "oldest", requestID: "b").status == 401)
        #expect(fixture.queue.entries.count == 1)
    }

    @Test(arguments: ["", "0", String(repeating: "0", count: 64), "sha256="])
    func withoutAValidSignatureNothingIsToldOrStored(_ signature: String) {
        let fixture = HandlersFixture.relaying()
        let wrongBody = #"{"action":"created","data":{"issue":{"project":{"slug":"wec"}}}}"#

        let answers = [
            fixture.relay(signature: signature), fixture.relay(app: "no-app", signature: signature),
            fixture.relay("not JSON", signature: signature), fixture.relay(app: "draft-app", signature: signature),
        ]
        let changed = fixture.relay(
            wrongBody, signature: OriginalSignature.of(Array(HandlersFixture.webhookBody.utf8), secret: "hush"))
        let upper = fixture.relay(
            signature: OriginalSignature.of(Array(HandlersFixture.webhookBody.utf8), secret: "hush").uppercased())

        #expect(Set(answers.map(\.wire)).count == 1)
        #expect((answers + [changed, upper]).map(\.status) == [401, 401, 401, 401, 401, 401])
        #expect(fixture.queue.entries.isEmpty && fixture.relayTargets.received.isEmpty)
    }

    /// Of an app that has none, nobody could have made a signature.
    @Test func anEmptySecretSignsNothing() {
        var fixture = HandlersFixture.relaying()
        fixture.directory.apps[2].clientSecret = Secret("")

        #expect(fixture.relay(secret: "").status == 401)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test(arguments: [
        ("[]", "issue"), ("", "issue"), ("{\"action\":\"created\"", "issue"), ("{\"action\":1}", "issue"),
        ("{}", "issue"),
        ("{\"action\":\"created\"}", ""), ("{\"action\":\"created\"}", "Issue"), ("{\"action\":\"a.b\"}", "issue"),
        ("{\"action\":\"created\\n\"}", "issue"), ("{\"action\":\"created\",\"x\":\"\u{0}\"}", "issue"),
        ("{\"action\":\"created\"}\u{0}", "issue"), ("{\"action\":\"\"}", "issue"),
    ])
    func whatIsSignedAndNoWebhookIs400(_ body: String, _ resource: String) {
        let fixture = HandlersFixture.relaying()

        let response = fixture.relay(body, resource: resource)

        #expect(response.status == 400 && response.detail?.isEmpty == false)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func deepJSONIs400AndInvalidUTF8() {
        let fixture = HandlersFixture.relaying()
        let deep = #"{"action":"created","data":"# + String(repeating: "[", count: 100_000)
        let nested =
            #"{"action":"created","data":"# + String(repeating: "[", count: 70)
            + String(repeating: "]", count: 70) + "}"

        #expect(fixture.relay(deep).status == 400)
        #expect(fixture.relay(nested).status == 400)
        #expect(fixture.relay(bytes: Array(#"{"action":"created","x":""#.utf8) + [0xFF, 0x22, 0x7D]).status == 400)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test(arguments: [String(repeating: "x", count: 129), "a b", "\u{E9}"])
    func aRequestIDThatNoHeaderCanHaveIs400(_ id: String) {
        let fixture = HandlersFixture.relaying()

        #expect(fixture.relay(requestID: id).status == 400)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func theIdempotencyKeyHasALimit() {
        let fixture = HandlersFixture.relaying()

        #expect(fixture.relay(key: String(repeating: "k", count: 256)).status == 400)
        #expect(fixture.relay(key: String(repeating: "k", count: 255)).status == 202)
    }

    @Test func otherMethodsAndCompressedOrLongBodiesAreRefused() {
        var fixture = HandlersFixture.relaying()
        fixture.maximumRelayBytes = HandlersFixture.webhookBody.utf8.count

        let get = fixture.relay(method: "GET")
        let gzip = fixture.relay(contentEncoding: "gzip")
        let long = fixture.relay(HandlersFixture.webhookBody + " ")
        let fitting = fixture.relay()

        #expect(get.status == 405 && get.header("Allow") == "POST")
        #expect(gzip.status == 415 && gzip.header("Accept-Encoding") == "identity")
        #expect(long.status == 413)
        #expect(fitting.status == 202)
        #expect(fixture.queue.entries.count == 1)
    }

    @Test func aRepetitionIsTakenOnce() {
        let fixture = HandlersFixture.relaying()

        let first = fixture.relay(key: "k")
        let sameID = fixture.relay(key: "other")
        let sameKey = fixture.relay(requestID: "another", key: "k")
        let other = fixture.relay(requestID: "replayed-under-a-new-id")

        #expect([first, sameID, sameKey, other].map(\.status) == [202, 202, 202, 202])
        #expect(first.json?["deliveries"].elements.first?["id"] == sameKey.json?["deliveries"].elements.first?["id"])
        #expect(fixture.queue.entries.count == 2)
    }

    @Test func aWebhookWithoutAnIDIsKnownByItsKeyOrGetsOne() {
        let fixture = HandlersFixture.relaying()

        let keyed = fixture.relay(requestID: nil, key: "k")
        let repeated = fixture.relay(requestID: nil, key: "k")
        let first = fixture.relay(requestID: nil)
        let second = fixture.relay(requestID: nil)

        #expect(keyed.text == repeated.text)
        #expect(first.json?["requestId"] != second.json?["requestId"])
        #expect(fixture.queue.entries.count == 3)
    }

    @Test func aDisabledTargetStillGetsItsDeliveryUnlessAllAreDisabled() {
        let fixture = HandlersFixture.relaying(to: [
            RelayTarget(name: "a", url: "https://a.test/"), RelayTarget(name: "b", url: "https://b.test/"),
        ])
        let disabling = TargetDisabling(date: HandlersFixture.now, reason: "is broken")
        fixture.relayTargets.disabled[WebhookDestination(appID: 12, target: "a")] = disabling

        let one = fixture.relay()
        fixture.relayTargets.disabled[WebhookDestination(appID: 12, target: "b")] = disabling
        let all = fixture.relay(requestID: "other")

        #expect(one.status == 202 && all.status == 503)
        #expect(all.header("Retry-After") == "5")
        #expect(fixture.queue.entries.map(\.target) == ["a", "b"])
    }

    @Test func whatCannotBeDeliveredIs503() throws {
        var disabled = HandlersFixture.relaying()
        disabled.directory.apps[2].disablement = .init(date: HandlersFixture.now, reason: "x", events: [])
        let full = HandlersFixture.relaying(to: [
            RelayTarget(name: "a", url: "https://a.test/"), RelayTarget(name: "b", url: "https://b.test/"),
        ])
        full.queue.bound = 1
        let down = HandlersFixture.relaying()
        down.queue.failure = .connectionLost(server: "redis", reason: "gone")
        let stateless = HandlersFixture.relaying()
        stateless.relayTargets.failure = .connectionLost(server: "redis", reason: "gone")
        var damaged = HandlersFixture.relaying()
        damaged.directory.apps[2].relayTargets = Secret("[{}]")
        let unnamed = HandlersFixture.relaying()
        unnamed.seenEvents.failure = .connectionLost(server: "redis", reason: "gone")

        #expect(disabled.relay().status == 503)
        #expect(full.relay().status == 503)
        // The first target's delivery is there; the repetition adds none for it.
        full.queue.bound = 2
        #expect(full.relay().status == 202 && full.queue.entries.map(\.target) == ["a", "b"])
        #expect(down.relay().status == 503)
        #expect(stateless.relay().status == 503)
        #expect(HandlersFixture.relaying(to: []).relay().status == 503)
        #expect(damaged.relay().status == 503)
        #expect(unnamed.relay(#"{"action":"new"}"#).status == 503)
        #expect(disabled.queue.entries.isEmpty && unnamed.queue.entries.isEmpty)
    }

    @Test func namesThatTheCatalogueLacksAreNoted() {
        let fixture = HandlersFixture.relaying()

        #expect(fixture.relay().status == 202)
        #expect(fixture.relay(#"{"action":"shaken"}"#, resource: "magic_ball", requestID: "b").status == 202)

        #expect(fixture.seenEvents.seen == [12: ["magic_ball.shaken"]])
        #expect(fixture.queue.entries.last?.event == "magic_ball.shaken")
    }

    @Test(arguments: ["/relay/", "/relay/int-app", "/relay/int-app/x/", "/relay//"])
    func otherPathsAreUnknown(_ path: String) {
        let request = Request(method: "POST", path: .encoded(path))

        #expect(HandlersFixture.relaying().send(request).status == 404)
    }
}
