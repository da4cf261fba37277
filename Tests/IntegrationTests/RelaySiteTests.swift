import Foundation
import Model
import Queue
import TestSupport
import Testing

/// Webhooks for the relay through the shipped nginx: what the original sends, and what nobody should.
@Suite(.serialized)
struct RelaySiteTests {
    private static let secret = String(repeating: "5", count: 64)
    private static let body = #"{"action":"created","data":{"issue":{"id":"1","title":"\u00fc"}}}"#

    private static func site() throws -> ServerFixture {
        let app = """
            {"id": 3, "slug": "relayed", "name": "Relayed", "owner_id": 1, "status": "internal",
             "uuid": "e8e5d37a-696c-4c54-adb5-b3f28d64c7de", "client_secret": "\(secret)",
             "targets": [{"name": "ci", "url": "https://ci.example/in"}]},
            """
        let document = ServerFixture.document.replacingOccurrences(
            of: #""apps": ["#, with: #""apps": [\#(app)"#)
        return try ServerFixture(document: document, logins: [ServerFixture.owner])
    }

    private func send(
        _ site: ServerFixture, _ body: [UInt8], signature: String? = nil, id: String = "the-request",
        headers: [(name: String, value: String)] = []
    ) throws -> HTTPClient.Response {
        try site.client().send(
            "POST", "/relay/relayed/",
            headers: [
                ("Content-Type", "application/json"), ("Request-ID", id), ("Sentry-Hook-Resource", "issue"),
                ("Sentry-Hook-Signature", signature ?? OriginalSignature.of(body, secret: Self.secret)),
            ] + headers, body: body)
    }

    /// As Sentry or anybody sends it, without a password: the signature is the proof.
    @Test func aSignedWebhookIsQueued() throws {
        let site = try Self.site()

        let response = try send(site, Array(Self.body.utf8), headers: [("Idempotency-Key", "the-key")])

        #expect(response.status == 202, "\(response.text)")
        let entry = try #require(try site.queue().receive(consumer: "test", count: 1).first?.entry)
        let relayed = try #require(RelayedWebhook(bytes: entry.payload))
        #expect(relayed.body == Array(Self.body.utf8))
        #expect(relayed.requestID == "the-request" && relayed.idempotencyKey == "the-key")
        #expect(entry.target == "ci" && entry.event == "issue.created")
    }

    @Test func whatIsForgedCompressedOrTooLargeIsRefusedAndNotStored() throws {
        let site = try Self.site()
        let body = Array(Self.body.utf8)
        var changed = body
        changed[20] ^= 1

        let forged = try send(site, body, signature: String(repeating: "0", count: 64))
        let other = try send(site, changed, signature: OriginalSignature.of(body, secret: Self.secret))
        let unsigned = try site.client().send("POST", "/relay/relayed/", body: body)
        let compressed = try send(site, [0x1F, 0x8B, 0x08], headers: [("Content-Encoding", "gzip")])
        // nginx refuses it before all of it has arrived, so the client may see nothing but the end of the connection.
        let large = try? send(site, [UInt8](repeating: 0x20, count: (1 << 20) + 1))
        let browser = try site.client().send("GET", "/relay/relayed/")

        #expect([forged, other, unsigned].map(\.status) == [401, 401, 401])
        #expect(compressed.status == 415)
        #expect(large == nil || large?.status == 413)
        #expect(browser.status == 405 && browser.header("Allow") == "POST")
        #expect([forged, other, unsigned, compressed, browser].allSatisfy { $0.json?["detail"].string != nil })
        #expect(try site.queue().statistics().waiting == 0)
        #expect(try site.redis.command("KEYS", "hookline:{app:3}*") == "*0\r\n")
        #expect(site.responders[0].isRunning)
    }

    @Test func theLargestBodyAndOneInChunksAndASlowOneArrive() throws {
        let site = try Self.site()
        let start = Array(#"{"action":"created","x":""#.utf8)
        let large = start + [UInt8](repeating: 0x61, count: (1 << 20) - start.count - 2) + Array("\"}".utf8)

        let response = try send(site, large, id: "large")
        let chunked = try curl(site, id: "chunked", "-H", "Transfer-Encoding: chunked")
        let slow = try curl(site, id: "slow", "--limit-rate", "40")

        #expect(response.status == 202, "\(response.text)")
        #expect(chunked.hasSuffix(" 202"), "\(chunked)")
        #expect(slow.hasSuffix(" 202"), "\(slow)")
        let entries = try site.queue().receive(consumer: "test", count: 10).map(\.entry)
        #expect(entries.compactMap { RelayedWebhook(bytes: $0.payload)?.requestID } == ["large", "chunked", "slow"])
        #expect(RelayedWebhook(bytes: entries[0].payload)?.body == large)
        #expect(entries.dropFirst().allSatisfy { RelayedWebhook(bytes: $0.payload)?.body == Array(Self.body.utf8) })
        // nginx has written none of them to a file.
        #expect(!site.errorLog.contains("buffered to a temporary file"), "\(site.errorLog)")
    }

    /// Sends the body with curl; gives the response and its status.
    private func curl(_ site: ServerFixture, id: String, _ options: String...) throws -> String {
        let signature = OriginalSignature.of(Array(Self.body.utf8), secret: Self.secret)
        return try ChildProcess.run(
            [
                "curl", "-sS", "--cacert", site.certificatePath, "-m", "20", "-w", " %{http_code}", "-H",
                "Content-Type: application/json", "-H", "Request-ID: \(id)", "-H", "Sentry-Hook-Resource: issue", "-H",
                "Sentry-Hook-Signature: \(signature)", "--data-binary", Self.body,
            ] + options + ["https://127.0.0.1:\(site.port)/relay/relayed/"]
        ).output
    }

    @Test func whileRedisIsAwayTheOriginalIsTold() throws {
        let site = try Self.site()
        site.redis.process.send(signal: 9)
        _ = try site.redis.process.waitForExit()

        let response = try send(site, Array(Self.body.utf8))

        #expect(response.status == 503 && response.header("Retry-After") == "5")
    }
}
