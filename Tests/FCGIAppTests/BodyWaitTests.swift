import Foundation
import TestSupport
import Testing

/// Requests whose bodies find no memory.
@Suite
struct BodyWaitTests {
    /// Seven eighths of it are for bodies. Seven bodies of the longest that `interaction/` reads, 8192 bytes, count as
    /// much, and their parameters are there too.
    private static let memory = "1048576"
    private static let holders = 6
    private static let path = "/api/0/sentry-apps/sample-app/interaction/"
    private static let body = Array(#"{"tsdbField":"sentry_app_viewed"}"#.utf8)

    /// Sends a body of 8192 bytes.
    private static func report(to responder: TestResponder) throws -> FastCGIClient {
        let client = try responder.client()
        try client.sendRequest(
            FastCGIClient.parameters(
                "POST", path,
                [
                    ("CONTENT_LENGTH", "8192"), ("CONTENT_TYPE", "application/json"),
                    ("HTTP_SEC_FETCH_SITE", "same-origin"),
                ] + SampleDirectory.signedIn), body: body + [UInt8](repeating: 0x20, count: 8192 - body.count))
        return client
    }

    /// A responder, with a thread more than there can be bodies, whose Redis is stopped.
    private static func stopped(ioSeconds: Int) throws -> (redis: RedisServer, responder: TestResponder) {
        let redis = try RedisServer()
        let responder = try TestResponder(
            [
                "--threads", "\(holders + 1)", "--redis-command-ms", "30000", "--body-memory-bytes", memory,
                "--io-seconds", "\(ioSeconds)",
            ], redis: redis.url)
        #expect(try report(to: responder).readResponse().status == 201)
        redis.process.send(signal: SIGSTOP)
        return (redis, responder)
    }

    @Test func theyWaitWithoutAThreadAndAreAnsweredOnceThereIsMemory() throws {
        let (redis, responder) = try Self.stopped(ioSeconds: 60)
        let clients = try (0..<Self.holders + 4).map { _ in try Self.report(to: responder) }

        // Redis has the others; one more there would be refused, for the last thread.
        for _ in 0..<20 { #expect(try responder.get("/-/ping").status == 200) }
        for client in clients { #expect(client.isSilent) }
        redis.process.send(signal: SIGCONT)

        for client in clients { #expect(try client.readResponse().status == 201) }
    }

    @Test func afterItsDeadlineOneIs503AndMayBeRepeated() throws {
        let (redis, responder) = try Self.stopped(ioSeconds: 1)
        let clients = try (0..<Self.holders + 1).map { _ in try Self.report(to: responder) }
        try waitUntil("one has an answer", seconds: 20) { clients.contains { !$0.isSilent } }
        redis.process.send(signal: SIGCONT)

        let responses = try clients.map { try $0.readResponse() }

        let refused = responses.filter { $0.status != 201 }
        #expect(refused.map(\.status) == [503])
        #expect(refused.first?.header("Retry-After") == "5")
        #expect(
            refused.first?.text
                == #"{"detail":"There is no memory for the request body at the moment. Try again in a few seconds."}"#)
        #expect(responder.process.standardError.contains("HOOKLINE_BODY_MEMORY_BYTES"))
        #expect(try Self.report(to: responder).readResponse().status == 201)
    }
}
