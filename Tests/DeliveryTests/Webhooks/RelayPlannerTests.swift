import Delivery
import Directory
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

/// The webhook that is made of one that is relayed.
@Suite struct RelayPlannerTests {
    private let body = Array("{\"action\": \"created\",\n \"x\": \"\u{FC}\"}".utf8)
    private var target = RelayTarget(
        name: "ci", url: "https://ci.test/in", timeoutMilliseconds: 1500,
        headers: [.init(name: "X-Key", value: Secret("sesame"))])

    private var received: RelayedWebhook {
        RelayedWebhook(
            requestID: "12f6c0d43f78ba9cf808f54b8b180fb4", target: "ci", resource: "issue",
            signature: OriginalSignature.of(body, secret: "secret-0123456789abcdef"), idempotencyKey: "the-key",
            body: body)
    }

    private func fixture(_ targets: [RelayTarget]? = nil) -> WebhookFixture {
        var fixture = WebhookFixture(status: .internal, events: [])
        fixture.app.relayTargets = RelayTargets(targets ?? [target]).stored
        return fixture
    }

    private func entry(_ received: RelayedWebhook, attempt: Int = 1, target: String? = "ci") -> QueueEntry {
        QueueEntry(
            id: WebhookFixture.requestID, appID: 3, event: "issue.created", enqueuedAt: WebhookFixture.now,
            payload: received.bytes, attempt: attempt, originalID: received.originalID, target: target)
    }

    private func webhook(_ fixture: WebhookFixture, _ entry: QueueEntry) throws -> PlannedWebhook {
        guard case .send(let webhook) = try fixture.planner.plan(entry, now: WebhookFixture.now) else {
            throw TestSupportError("it is not sent")
        }
        return webhook
    }

    private func refusal(_ fixture: WebhookFixture, _ entry: QueueEntry) throws -> String? {
        guard case .refuse(let reason) = try fixture.planner.plan(entry, now: WebhookFixture.now) else { return nil }
        return reason
    }

    @Test func theBodyTheIDAndTheSignatureStayAsTheyCame() throws {
        let webhook = try webhook(fixture(), entry(received))

        #expect(webhook.body == body)
        #expect(webhook.url == "https://ci.test/in" && webhook.timeout == .milliseconds(1500))
        #expect(webhook.installation == nil)
        #expect(webhook.relay == .init(target: "ci", requestID: received.requestID))
        #expect(
            webhook.headers.map(\.name) == [
                "X-Key", "Content-Type", "Request-ID", "Sentry-Hook-Resource", "Sentry-Hook-Timestamp",
                "Sentry-Hook-Signature", "Idempotency-Key", "webhook-id", "webhook-timestamp", "webhook-signature",
            ])
        #expect(webhook.header("Request-ID") == received.requestID)
        #expect(webhook.header("webhook-id") == received.requestID)
        #expect(webhook.header("Sentry-Hook-Signature") == received.signature)
        #expect(webhook.header("Sentry-Hook-Timestamp") == "1700000000")
        #expect(webhook.header("Idempotency-Key") == "the-key")
        #expect(webhook.header("X-Key") == "sesame")
        #expect(webhook.loggedHeaders.first?.value == WebhookHeaders.mask)
        #expect(
            webhook.header("webhook-signature")
                == WebhookSignature.standard(
                    id: received.requestID, timestamp: 1_700_000_000, body: body,
                    secret: Secret("secret-0123456789abcdef")))
    }

    @Test func laterAttemptsSayTheirNumber() throws {
        let webhook = try webhook(fixture(), entry(received, attempt: 3))

        #expect(webhook.header("Hookline-Attempt") == "3")
        #expect(webhook.header("Request-ID") == received.requestID)
    }

    @Test func aRedeliveryIsAnotherRequest() throws {
        var redelivered = received
        redelivered.redeliver(String(repeating: "9", count: 32))

        let webhook = try webhook(fixture(), entry(redelivered))

        #expect(webhook.header("Request-ID") == WebhookFixture.requestID)
        #expect(webhook.header("Hookline-Original-ID") == received.requestID)
        #expect(webhook.header("Idempotency-Key") == nil)
        #expect(webhook.originalID == String(repeating: "9", count: 32))
    }

    /// Neither subscriptions nor installations nor what the deployment's catalogue has matter.
    @Test func theOriginalHasDecidedThatItIsSent() throws {
        var bare = fixture()
        bare.app.isDisabledByPlatform = true
        bare.hooks = []
        bare.installation.status = .pending
        var entry = entry(received)
        entry.event = "magic_ball.shaken"

        #expect(try webhook(bare, entry).event == "magic_ball.shaken")
    }

    /// What was accepted is not dropped.
    @Test func whatCannotBeSentIsADeadLetter() throws {
        var disabled = fixture()
        disabled.app.disablement = .init(date: .init(seconds: 0), reason: "x", events: [])
        var damaged = fixture()
        damaged.app.relayTargets = Secret("[{}]")
        var gone = fixture()
        gone.app.id = 4

        #expect(try refusal(disabled, entry(received)) == DeliveryPlan.disabledReason)
        #expect(try refusal(fixture([]), entry(received)) == "the app tracker has no target ci any more")
        #expect(try refusal(damaged, entry(received)) == "the targets of the app tracker cannot be read")
        #expect(try refusal(gone, entry(received)) == "the app 3 does not exist")
        #expect(try refusal(fixture(), entry(received, target: "other")) != nil)
        var other = entry(received)
        other.payload = Array("{}".utf8)
        #expect(try refusal(fixture(), other) != nil)
    }

    /// The original neither retries nor disables it.
    @Test func thePolicyIsStandardUnlessTheAppHasOne() throws {
        let policies = DeliveryPolicies(.sentry)
        var own = fixture()
        own.app.deliveryPolicy = .sentry

        #expect(policies.policy(of: try webhook(fixture(), entry(received))).name == .standard)
        #expect(policies.policy(of: try webhook(own, entry(received))).name == .sentry)
        #expect(DeliveryPolicies(.standard).policy(of: try webhook(own, entry(received))).name == .sentry)
    }
}
