import Buffer
import Handlers
import Model
import Queue
import TestSupport
import WireJSON

/// Enqueuing and redelivering events.
extension HandlersFixture {
    /// The installation of `pub-app` in `acme`.
    static let installation = "installation-1"
    static let event = #"{"event":"issue.created","data":{"issue":{"id":"1"}}}"#
    /// The id of an event whose payload may be kept.
    static let kept = "0123456789abcdef0123456789abcdef"

    /// A fixture where `pub-app` is installed in `acme` and in `globex`, and `globex-app` in `acme`.
    static func installed() -> HandlersFixture {
        var fixture = HandlersFixture()
        fixture.directory.installations = [(10, acme), (10, globex), (20, acme)].enumerated().map { index, pair in
            Installation(
                id: Int64(index + 1), appID: pair.0, organizationID: pair.1, uuid: "installation-\(index + 1)",
                dateAdded: HandlersFixture.now)
        }
        return fixture
    }

    /// A token of the platform itself, whose user is a member of nothing.
    mutating func platformToken() -> String {
        token(user: 111, scopes: [.hooklineEnqueue])
    }

    /// `POST /api/0/sentry-app-installations/{uuid}/events/`.
    func enqueue(
        _ body: String = HandlersFixture.event, token: String?, installation: String = HandlersFixture.installation,
        key: String? = nil, contentType: String? = "application/json"
    ) -> Response {
        send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-app-installations/\(installation)/events/"),
                body: Array(body.utf8), authorization: token.map { "Bearer \($0)" }, contentType: contentType,
                idempotencyKey: key))
    }

    /// Keeps the payload of an event of `pub-app`.
    func keep(_ payload: [UInt8]? = nil, id: String = HandlersFixture.kept, appID: Int64 = 10) {
        let event = QueuedEvent(
            event: "issue.created", installationUUID: HandlersFixture.installation, projectID: 5,
            data: .object([.init(name: "a", value: .number("1"))]))
        payloads.events.append(
            ArchivedEvent(
                id: id, appID: appID, event: "issue.created", enqueuedAt: HandlersFixture.now,
                payload: payload ?? event.bytes))
    }

    /// `POST …/requests/{id}/redeliver/` of `pub-app` as a signed-in user, or with a token.
    func redeliver(
        _ id: String = HandlersFixture.kept, app: String = "pub-app", as user: String? = HandlersFixture.owner,
        token: String? = nil,
        key: String? = nil
    ) -> Response {
        send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-apps/\(app)/requests/\(id)/redeliver/"),
                remoteUser: token == nil ? user : nil, allowsSuperuser: user == HandlersFixture.superuser,
                authorization: token.map { "Bearer \($0)" }, secFetchSite: "same-origin", idempotencyKey: key))
    }
}
