import Buffer
import Foundation
import Model
import Queue
import Redis
import TestSupport
import WireJSON

/// A document with two organizations and an app each, for tests that are not about the golden files.
extension ServerFixture {
    static let owner = "owner@acme.test"
    static let outsider = "outsider@globex.test"
    static let superuser = "root@hookline.test"
    static let token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    /// Of the platform itself, and of the owner of `acme`.
    static let platformToken = String(repeating: "1", count: 64)
    static let writerToken = String(repeating: "2", count: 64)
    /// The sample app's, in `acme` and in `globex`.
    static let installation = "c8e5d37a-696c-4c54-adb5-b3f28d64c7de"
    static let foreignInstallation = "d8e5d37a-696c-4c54-adb5-b3f28d64c7de"
    static let log = "/api/0/sentry-apps/sample-app/requests/"

    static let document = """
        {
          "organizations": [
            {"id": 1, "slug": "acme", "name": "Acme"}, {"id": 2, "slug": "globex", "name": "Globex"}
          ],
          "users": [
            {"id": 1, "email": "\(owner)", "name": "Owner"},
            {"id": 2, "email": "\(outsider)", "name": "Outsider"},
            {"id": 3, "email": "\(superuser)", "name": "Root", "is_superuser": true}
          ],
          "memberships": [
            {"user_id": 1, "organization_id": 1, "role": "owner"},
            {"user_id": 2, "organization_id": 2, "role": "owner"}
          ],
          "apps": [
            {"id": 1, "slug": "sample-app", "name": "Sample", "owner_id": 1, "status": "published",
             "uuid": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de", "components": ["issue-link"]},
            {"id": 2, "slug": "other-app", "name": "Other", "owner_id": 2, "status": "published",
             "uuid": "b8e5d37a-696c-4c54-adb5-b3f28d64c7de"}
          ],
          "installations": [
            {"id": 1, "app_id": 1, "organization_id": 1, "uuid": "\(installation)"},
            {"id": 2, "app_id": 1, "organization_id": 2, "uuid": "\(foreignInstallation)"}
          ],
          "projects": [{"id": 5, "slug": "web", "organization_id": 1}],
          "tokens": [
            {"token": "\(token)", "user_id": 1, "scopes": ["org:read"]},
            {"token": "\(platformToken)", "user_id": 3, "scopes": ["hookline:enqueue"]},
            {"token": "\(writerToken)", "user_id": 1, "scopes": ["event:write", "org:write"]}
          ]
        }
        """

    convenience init(
        signIn: SignIn = .password, responder: Responder = .fastCGI(count: 1), responderFlags: [String] = [],
        options: Options = Options()
    ) throws {
        try self.init(
            document: ServerFixture.document,
            logins: [ServerFixture.owner, ServerFixture.outsider, ServerFixture.superuser], signIn: signIn,
            responder: responder, responderFlags: responderFlags, options: options)
    }

    /// Stores a row of the sample app's log as the original does.
    func addRow(event: String = "issue.created", code: Int = 200, second: Int = 0) throws {
        let row = """
            {"date":"2026-01-02 03:04:0\(second).500000+00:00","response_code":\(code),\
            "webhook_url":"https://hook.example.test/in","organization_id":1}
            """
        try redis.command("LPUSH", "sentry-app-webhook-request:{1}:\(event)", row)
        if code >= 400 || code == 0 { try redis.command("LPUSH", "sentry-app-webhook-error:{1}:\(event)", row) }
    }
}

extension ServerFixture {
    static let event = #"{"event":"issue.created","data":{"issue":{"id":"1","title":"Ümläut"}},"project":"web"}"#
    /// The id of an event whose payload is kept.
    static let kept = "0123456789abcdef0123456789abcdef"

    /// Queues an event.
    func enqueue(
        _ body: String = ServerFixture.event, token: String? = ServerFixture.platformToken,
        installation: String = ServerFixture.installation,
        headers: [(name: String, value: String)] = []
    ) throws -> HTTPClient.Response {
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
