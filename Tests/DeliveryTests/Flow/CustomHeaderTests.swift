import Delivery
import Model
import TestSupport
import Testing
import WebhookRules

/// Headers of an app's owner.
@Suite
struct CustomHeaderTests {
    private func webhook(_ headers: [(String, String)]) throws -> PlannedWebhook {
        var world = FlowWorld()
        world.app.customHeaders = headers.map { .init(name: $0.0, value: Secret($0.1)) }
        return try world.webhook()
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
        var world = FlowWorld()
        world.settings.sendsStandardHeaders = false
        world.app.customHeaders = [.init(name: "webhook-signature", value: Secret("v1,forged"))]

        #expect(try world.webhook().headers.count == 5)
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
