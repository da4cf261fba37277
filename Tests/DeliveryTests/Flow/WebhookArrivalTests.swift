import Buffer
import Delivery
import Model
import TestSupport
import Testing
import WebhookRules

/// From an event to a real receiver and into the log row.
@Suite
struct WebhookArrivalTests {
    private func deliver(_ world: FlowWorld, to url: String) throws -> FinishedAttempt {
        var world = world
        world.app.webhookURL = url
        let event = try world.event(data: #"{"issue": {"title": "café 😀"}}"#)
        let webhook = try world.webhook(event)
        let result = try SenderBench().send(
            webhook.url, headers: webhook.headers, body: webhook.text, app: webhook.app.id, timeout: .seconds(20))
        return FinishedAttempt(entry: world.entry(event), webhook: webhook, result: result, date: FlowWorld.now)
    }

    @Test func whatIsPlannedIsWhatArrivesAndWhatIsLoggedButForTheOwnersValues() throws {
        let receiver = try WebhookReceiver()
        var world = FlowWorld()
        world.app.customHeaders = [
            .init(name: "Authorization", value: Secret("Bearer hidden")),
            .init(name: "X-City", value: Secret("Zürich")),
            .init(name: "X-Smuggled", value: Secret("1\r\nSentry-Hook-Signature: 00")),
            .init(name: "sentry-hook-signature", value: Secret("00")),
        ]

        let attempt = try deliver(world, to: receiver.url("/hook"))

        let received = try #require(receiver.received.first)
        let own = received.headers.dropFirst(3).dropLast()
        #expect(received.body == attempt.webhook.body)
        #expect(own.map(\.name) == attempt.webhook.headers.map(\.name))
        #expect(own.map(\.value) == attempt.webhook.headers.map(\.value))
        #expect(received.headers.count { $0.name.lowercased() == "sentry-hook-signature" } == 1)
        #expect(
            received.header("Sentry-Hook-Signature")
                == WebhookSignature.hexadecimal(of: received.body, secret: world.app.clientSecret))
        let logged = WebhookRequestRecord(attempt).requestHeaders
        #expect(logged.map(\.name) == own.map(\.name))
        #expect(logged.map(\.value).dropFirst(2) == own.map(\.value).dropFirst(2))
        #expect(logged.prefix(2).map(\.value) == [WebhookHeaders.mask, WebhookHeaders.mask])
    }

    @Test func aReceiversErrorIdsAndItsWishForAPauseAreFollowed() throws {
        let receiver = try WebhookReceiver()
        let policy = RetryPolicy()

        let failed = WebhookRequestRecord(try deliver(FlowWorld(), to: receiver.url("/error-ids")))
        let limited = try deliver(FlowWorld(), to: receiver.url("/retry-after/1200"))
        let gone = try deliver(FlowWorld(), to: receiver.url("/status/410"))

        #expect(failed.errorID == String(repeating: "e", count: 32))
        #expect(failed.projectID == .text("7"))
        #expect(
            policy.decision(for: limited, randomFraction: 0) == .retry(at: FlowWorld.now.adding(seconds: 1200)))
        #expect(policy.decision(for: gone, randomFraction: 0) == .finish)
    }

    @Test func anAttemptThatNeverLeftTheMachineHasItsRowToo() throws {
        let attempt = try deliver(FlowWorld(), to: "http://169.254.169.254/")

        let record = WebhookRequestRecord(attempt)

        #expect(record.responseCode == 0)
        #expect(record.reason == "blocked-address")
        #expect(RetryPolicy().decision(for: attempt, randomFraction: 0) == .finish)
    }
}
