import Buffer
import Foundation
import Model
import Queue
import Redis
import TestSupport
import WireJSON

extension ServerFixture {
    static let event = #"{"event":"issue.created","data":{"issue":{"id":"1","title":"Ümläut"}},"project":"web"}"#
    /// The id of an event whose payload is kept.
    static let kept = "0123456789abcdef0123456789abcdef"

    /// Queues an event.
    func enqueue(
        _ body: String = ServerFixture.event, token: String? = ServerFixture.platformToken,
        installation: String = ServerFixture.installation,
        headers: [(name: String, value: String)] = []
    ) throws -> HTTPClient.Answer {
        var headers = headers + [("Content-Type", "application/json")]
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        return try client().send(
            "POST", "/api/0/sentry-app-installations/\(installation)/events/", headers: headers, body: Array(body.utf8))
    }

    /// The queue as a worker sees it.
    func queue() throws -> DeliveryQueue {
        DeliveryQueue(connection: try connection())
    }

    /// Keeps the payload of an event as a worker does.
    func keepPayload() throws {
        let event = QueuedEvent(
            event: "issue.created", installationUUID: ServerFixture.installation,
            data: .object([.init(name: "a", value: .number("1"))]))
        let archived = ArchivedEvent(
            id: ServerFixture.kept, appID: 1, event: "issue.created", enqueuedAt: .now(), payload: event.bytes)
        try PayloadArchive(connection: try connection()).store(
            [ArchiveEntry(event: archived, isError: false, isNew: true)], now: .now())
    }

    private func connection() throws -> RedisConnection {
        RedisConnection(endpoint: try RedisEndpoint(parsing: redis.url), commandTimeout: .seconds(20))
    }
}
