import Buffer
import Directory
import Handlers
import Model
import Queue
import System
import TestSupport
import WebhookRules

/// Two organizations with their users and apps, an empty log, and a fixed clock.
///
/// `acme` owns `pub-app` (published), `draft-app` (unpublished), `int-app` (internal) and `review-app` (publish request
/// in progress); `globex` owns `globex-app` (published) and `globex-draft` (unpublished).
struct HandlersFixture {
    static let now = Timestamp(parsing: "2023-07-20 12:00:00.500000+00:00") ?? Timestamp(seconds: 0)

    static let acme: Int64 = 1
    static let globex: Int64 = 2
    static let owner = "owner@acme.test"
    static let member = "member@acme.test"
    static let outsider = "outsider@globex.test"
    static let superuser = "su@sentry.test"

    var directory = MemoryDirectory()
    let log = MemoryRequestLog()
    let interactions = MemoryInteractionCounter()
    let queue = MemoryEventQueue()
    let payloads = MemoryPayloads()
    var deadLetters: (any DeadLetterManaging)?
    var redeliveries: (any RedeliveryJobManaging)?
    var erasure: EventErasure?
    /// Nil = ids that count the entries of the queue.
    var eventIDs: EventIDSource?
    var eventLimits = EventLimits()
    var release = ProtocolRelease.default
    var sessions: SessionSettings?
    var events: EventCatalogue?
    var keepsRequestsRoute = false
    var refusesDisabledApps = false
    var clock = WallClock.frozen(at: now)
    var diagnosis = DiagnosisSettings()
    var state = StateSources()
    let relayTargets = MemoryRelayTargets()
    let seenEvents = MemorySeenEvents()
    var maximumRelayBytes = 1 << 20

    init() {
        directory.organizations = [
            Organization(id: HandlersFixture.acme, slug: "acme", name: "Acme \u{2028} Ümläut"),
            Organization(id: HandlersFixture.globex, slug: "globex", name: "Globex"),
        ]
        for (index, role) in Role.allCases.enumerated() {
            let id = Int64(100 + index)
            directory.users.append(user(id, "\(role.rawValue)@acme.test"))
            directory.memberships.append(Membership(userID: id, organizationID: HandlersFixture.acme, role: role))
        }
        directory.users += [
            user(110, HandlersFixture.outsider), user(111, "loner@nowhere.test"),
            User(id: 112, username: "su", email: HandlersFixture.superuser, isSuperuser: true),
            User(id: 113, username: "gone", email: "gone@acme.test", isActive: false),
        ]
        directory.memberships += [
            Membership(userID: 110, organizationID: HandlersFixture.globex, role: .owner),
            Membership(userID: 113, organizationID: HandlersFixture.acme, role: .owner),
        ]
        directory.apps = [
            app(10, "pub-app", HandlersFixture.acme, .published),
            app(11, "draft-app", HandlersFixture.acme, .unpublished),
            app(12, "int-app", HandlersFixture.acme, .internal),
            app(13, "review-app", HandlersFixture.acme, .publishRequestInProgress),
            app(20, "globex-app", HandlersFixture.globex, .published),
            app(21, "globex-draft", HandlersFixture.globex, .unpublished),
        ]
        directory.projects = [
            Project(id: 5, slug: "web", organizationID: HandlersFixture.acme),
            Project(id: 6, slug: "other", organizationID: HandlersFixture.globex),
        ]
        directory.issueEvents = [
            IssueEvent(projectID: 5, eventID: HandlersFixture.eventID, groupID: 77),
            IssueEvent(projectID: 5, eventID: HandlersFixture.groupless, groupID: nil),
            IssueEvent(projectID: 6, eventID: HandlersFixture.eventID, groupID: 78),
        ]
    }

    static let eventID = "0f40fac5b334cd7f22480cc9c0fecf02"
    static let groupless = "0f40fac5b334cd7f22480cc9c0fecf03"

    private func user(_ id: Int64, _ email: String) -> User {
        User(id: id, username: "", email: email)
    }

    private func app(_ id: Int64, _ slug: String, _ ownerID: Int64, _ status: SentryApp.Status) -> SentryApp {
        SentryApp(
            id: id, slug: slug, name: slug, ownerID: ownerID, status: status, uuid: "uuid-\(id)",
            clientSecret: Secret("hush"))
    }

    /// Adds a token and returns its text.
    mutating func token(
        user: Int64, scopes: [Scope], expiresAt: Timestamp? = nil, allowedOrigins: [String]? = nil
    ) -> String {
        let text = "token-\(directory.tokens.count + 1)"
        directory.tokens.append(
            APIToken(
                id: Int64(directory.tokens.count + 1), digest: TokenDigest(hashing: text), userID: user,
                scopes: ScopeSet(scopes), expiresAt: expiresAt, allowedOrigins: allowedOrigins))
        return text
    }

    /// Makes a proxy user for an app, with a token of the app's scopes, and returns the token's text.
    mutating func proxyToken(appID: Int64, appScopes: [Scope], tokenScopes: [Scope]) throws -> String {
        let userID = 1000 + appID
        directory.users.append(User(id: userID, username: "proxy-\(appID)", email: "", isSentryApp: true))
        for index in directory.apps.indices where directory.apps[index].id == appID {
            directory.apps[index].proxyUserID = userID
            directory.apps[index].scopes = ScopeSet(appScopes)
        }
        return token(user: userID, scopes: tokenScopes)
    }

    /// Stores one request made for an app.
    func store(
        _ code: Int, app: Int64 = 10, event: String = "issue.assigned",
        date: String = "2023-07-20 11:00:00.250000+00:00",
        organization: Int64? = HandlersFixture.acme, fields: String = ""
    ) {
        let organizationPart = organization.map { ",\"organization_id\":\($0)" } ?? ""
        log.add(
            #"{"date":"\#(date)","response_code":\#(code),"webhook_url":"https://hook.test/in"\#(organizationPart)"#
                + "\(fields)}",
            appID: app, event: event, isError: code >= 400 || code == 0)
    }

    func send(_ request: Request) -> Response {
        Service(dependencies: dependencies()).respond(to: request)
    }

    /// These stores; new events get the ids 00…01, 00…02 and so on as the queue fills.
    ///
    /// - Parameter directory: nil = the fixture's.
    func dependencies(directory: (any DeliveryDirectory & AppListing)? = nil) -> Dependencies {
        let count = Lock(0)
        let taken = queue.entries.count
        let ids = EventIDSource {
            HandlersFixture.eventID(
                taken
                    + count.withLock { count in
                        count += 1
                        return count
                    })
        }
        return Dependencies(
            directory: directory ?? self.directory, requestLog: log, interactions: interactions, queue: queue,
            payloads: payloads, deadLetters: deadLetters, redeliveries: redeliveries, erasure: erasure,
            protocolSettings: ProtocolSettings(
                .release(release), keepsRequestsRoute: keepsRequestsRoute, refusesDisabledApps: refusesDisabledApps),
            sessions: sessions, events: events, eventLimits: eventLimits, eventIDs: eventIDs ?? ids, clock: clock,
            diagnosis: diagnosis, state: state,
            relay: RelayDependencies(
                targets: relayTargets, seenEvents: seenEvents, maximumBytes: maximumRelayBytes))
    }

    /// The id of the event of this number.
    static func eventID(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// `GET /api/0/sentry-apps/{path}` as a signed-in user, or anonymously.
    func get(_ path: String, _ query: String = "", as user: String? = HandlersFixture.owner) -> Response {
        send(
            Request(
                method: "GET", path: .encoded("/api/0/sentry-apps/" + path), query: query, remoteUser: user,
                allowsSuperuser: user == HandlersFixture.superuser))
    }

    /// The same with a bearer token.
    func get(_ path: String, _ query: String = "", token: String) -> Response {
        send(
            Request(
                method: "GET", path: .encoded("/api/0/sentry-apps/" + path), query: query,
                authorization: "Bearer " + token))
    }

    func post(
        _ path: String, _ body: String, as user: String? = HandlersFixture.owner,
        contentType: String = "application/json"
    ) -> Response {
        send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-apps/" + path), body: Array(body.utf8),
                remoteUser: user, contentType: contentType, secFetchSite: "same-origin"))
    }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }

    var json: GoldenValue? { try? GoldenValue(parsing: body) }

    /// The value of the body's `detail`.
    var detail: String? { json?["detail"].string }

    func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}
