import Foundation
import Queue
import TestSupport
import Testing

/// The relay with the shipped programs, from the original's request to the receivers.
@Suite struct RelayTests {
    private static let app = DeliveryFixture.App(id: 7, status: "internal", events: [], hookEvents: nil)

    private static func fixture(
        _ targets: [(name: String, path: String)], settings: [String: String] = [:]
    ) throws -> DeliveryFixture {
        var app = app
        app.targets = targets.map { ($0.name, $0.path) }
        return try DeliveryFixture([app], settings: settings)
    }

    private func delivery(_ response: FastCGIClient.Response, _ target: String) throws -> String {
        let deliveries = try GoldenValue(parsing: response.body)["deliveries"].elements
        return try #require(deliveries.first { $0["target"].string == target }?["id"].string)
    }

    /// Each with the signature and the id that the original made for it.
    @Test func everyWebhookOfTheOriginalArrivesByteForByte() throws {
        let fixture = try Self.fixture([("a", "/status/200"), ("b", "/status/204")])
        let items = try Golden.all().flatMap { golden in
            golden.cases.filter { $0.kind == "webhook" }.flatMap { $0.content["items"].elements }
        }
        #expect(items.count > 10)

        for item in items {
            let body = Array(try #require(item["expect"]["body"].string).utf8)
            let id = try #require(item["request_id"].string)
            let response = try fixture.relay(
                Self.app, body, resource: try #require(item["resource"].string), requestID: id)
            #expect(response.status == 202, "\(response.text)")
        }
        try waitUntil("all have arrived\n\(fixture.workerLog)", seconds: 60) {
            fixture.receiver.received.count >= 2 * items.count
        }

        for item in items {
            let id = try #require(item["request_id"].string)
            let body = try #require(item["expect"]["body"].string)
            for path in ["/status/200", "/status/204"] {
                let found = fixture.receiver.received(path).filter { $0.header("Request-ID") == id }
                let received = try #require(found.first)
                #expect(found.count == 1)
                #expect(String(decoding: received.body, as: UTF8.self) == body)
                #expect(
                    received.header("Sentry-Hook-Signature")
                        == OriginalSignature.of(received.body, secret: DeliveryFixture.secret))
                #expect(received.header("Sentry-Hook-Resource") == item["resource"].string)
                #expect(received.header("webhook-id") == id)
            }
        }
    }

    /// Two targets fail: each is retried, redriven and erased by its own id, and the app stays as it is.
    @Test func targetsFailApartFromEachOther() throws {
        let fixture = try Self.fixture(
            [("a", "/status/500"), ("b", "/status/503"), ("c", "/status/200")],
            settings: ["HOOKLINE_RETRY_DELAYS": "1"])

        let response = try fixture.relay(Self.app, requestID: "the-request")
        let (a, b) = (try delivery(response, "a"), try delivery(response, "b"))
        try waitUntil("both are dead letters\n\(fixture.workerLog)", seconds: 30) {
            try fixture.statistics().dead == 2
        }
        #expect(a != b)
        #expect(fixture.receiver.received("/status/500").count == 2)
        #expect(fixture.receiver.received("/status/503").count == 2)
        #expect(fixture.receiver.received("/status/200").count == 1)
        #expect(fixture.receiver.received.allSatisfy { $0.header("Request-ID") == "the-request" })
        #expect(fixture.receiver.received("/status/500").last?.header("Hookline-Attempt") == "2")

        let redriven = try fixture.hookline(["queue", "redrive", a])
        #expect(redriven.status == .exited(0), "\(redriven.error)")
        try waitUntil("it is sent again", seconds: 30) { fixture.receiver.received("/status/500").count > 2 }
        let erased = try fixture.hookline(["event", "erase", b, "--app", Self.app.slug])
        #expect(erased.status == .exited(0), "\(erased.error)")
        let shown = try fixture.hookline(["event", "show", b, "--app", Self.app.slug])
        #expect(shown.status != .exited(0))

        let rows = try fixture.rows(Self.app, "issue.created", count: 1)
        #expect(rows.allSatisfy { $0["relay"].bool == true && $0["webhook_id"].string == "the-request" })
        #expect(!rows.contains { $0["target"].string == "b" })
        #expect(rows.contains { $0["target"].string == "a" && $0["request_id"].string == a })
        #expect(rows.allSatisfy { $0["organization_id"].isNull })
        let keys = try fixture.redis.command("KEYS", "*")
        #expect(!keys.contains("sentry-app-error") && !keys.contains("sliding-window"))
    }

    @Test func aTargetThatIsGoneIsDisabledAndItsWebhooksAreDeadLetters() throws {
        let fixture = try Self.fixture([("gone", "/status/410"), ("ok", "/status/200")])

        _ = try fixture.relay(Self.app, requestID: "first")
        try waitUntil("it is disabled\n\(fixture.workerLog)", seconds: 30) {
            try fixture.redis.integer("HLEN", "hookline:{app:7}:targets") == 1
        }
        // What the worker knows of targets is a second old at most.
        var number = 0
        try waitUntil("a webhook becomes a dead letter\n\(fixture.workerLog)", seconds: 30) {
            number += 1
            _ = try fixture.relay(Self.app, requestID: "later-\(number)")
            return try fixture.statistics().dead > 0
        }

        let letters = try fixture.hookline(["queue", "list", "--json"])
        #expect(letters.output.contains("target disabled"), "\(letters)")
        try waitUntil("the other target gets all\n\(fixture.workerLog)", seconds: 30) {
            fixture.receiver.received("/status/200").count == number + 1
        }
        #expect(try fixture.app(Self.app)["disabled_at"].isNull)
        try waitUntil("the owners are told", seconds: 30) {
            try fixture.mailServer.mails().contains { $0.header("Subject")?.contains("target gone") == true }
        }
    }

    @Test func aRedeliveryGoesToTheSameTarget() throws {
        let fixture = try Self.fixture([("a", "/status/200"), ("b", "/status/204")])
        let response = try fixture.relay(Self.app, requestID: "the-request")
        let a = try delivery(response, "a")
        try fixture.settle()
        _ = try fixture.rows(Self.app, "issue.created", count: 2)

        let redelivered = try fixture.hookline(["event", "redeliver", a, "--app", Self.app.slug])
        #expect(redelivered.status == .exited(0), "\(redelivered.error)")
        try waitUntil("it arrives again\n\(fixture.workerLog)", seconds: 30) {
            fixture.receiver.received("/status/200").count == 2
        }

        let again = try #require(fixture.receiver.received("/status/200").last)
        #expect(again.header("Hookline-Original-ID") == "the-request")
        #expect(again.header("Request-ID") != "the-request")
        #expect(String(decoding: again.body, as: UTF8.self) == DeliveryFixture.relayedBody)
        #expect(fixture.receiver.received("/status/204").count == 1)
    }

    @Test func nothingOfAForgedWebhookIsStored() throws {
        let fixture = try Self.fixture([("a", "/status/200")])
        let forged = try fixture.relay(Self.app, requestID: "x", signature: String(repeating: "0", count: 64))
        let large = try fixture.relay(Self.app, [UInt8](repeating: 0x20, count: (1 << 20) + 1), requestID: "y")
        let unknown = try fixture.relay(
            DeliveryFixture.App(id: 9), requestID: "z", signature: String(repeating: "0", count: 64))

        #expect(forged.status == 401 && large.status == 413 && unknown.status == 401)
        #expect(forged.text == unknown.text)
        #expect(try fixture.redis.command("KEYS", "hookline:{app:*") == "*0\r\n")
        #expect(try fixture.statistics().depth == 0)
        #expect(fixture.receiver.received.isEmpty)
    }

    @Test func theLargestBodyArrives() throws {
        let fixture = try Self.fixture([("a", "/status/200")])
        let start = Array(#"{"action":"created","x":""#.utf8)
        let body = start + [UInt8](repeating: 0x61, count: (1 << 20) - start.count - 2) + Array("\"}".utf8)
        #expect(body.count == 1 << 20)

        let response = try fixture.relay(Self.app, body, requestID: "large")
        #expect(response.status == 202, "\(response.text)")
        let received = try #require(try fixture.requests("large").first)

        #expect(received.body == body)
    }
}
