import Buffer
import Directory
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// `DELETE requests/{id}/` erases one event from the queue, the archive and the log.
@Suite struct EventErasureTests {
    private static let app: Int64 = 10
    private static let id = HandlersFixture.eventID(1)
    private static let requests = "sentry-app-webhook-request:{10}:issue.created"
    private static let errors = "sentry-app-webhook-error:{10}:issue.created"

    private let server: RedisServer
    private let queue: DeliveryQueue
    private let archive: PayloadArchive
    private var fixture = HandlersFixture()

    init() throws {
        server = try RedisServer()
        // `isStored` reads dumps.
        try server.command("CONFIG", "SET", "rdbcompression", "no")
        queue = DeliveryQueue(connection: try server.connection())
        archive = PayloadArchive(connection: try server.connection())
        fixture.deadLetters = queue
        fixture.erasure = EventErasure(
            queue: queue, archive: archive, log: WebhookRequestBuffer(connection: try server.connection()))
    }

    /// What only this event has, as its payload and in the response to it.
    private func content(_ number: Int) -> String { "secret of \(number)." }

    private func enqueue(_ number: Int = 1, app: Int64 = app) throws {
        let entry = QueueEntry(
            id: HandlersFixture.eventID(number), appID: app, event: "issue.created", enqueuedAt: HandlersFixture.now,
            payload: Array(content(number).utf8))
        #expect(try queue.enqueue(entry) == .accepted(entry.id))
    }

    private func store(_ number: Int = 1, app: Int64 = app, isRow: Bool = true) throws {
        let id = HandlersFixture.eventID(number)
        let details = AttemptDetails(
            attempt: 1, date: HandlersFixture.now, url: "https://hook.test/", code: 503,
            requestHeaders: HeaderList([("Request-ID", id)]),
            response: .init(status: 503, headers: HeaderList([]), body: Array(content(number).utf8)))
        let event = ArchivedEvent(
            id: id, appID: app, event: "issue.created", enqueuedAt: HandlersFixture.now,
            payload: Array(content(number).utf8))
        try archive.store(
            [ArchiveEntry(event: event, isError: true, isNew: true, details: details)], now: HandlersFixture.now)
        guard isRow else { return }
        let row = #"{"date":"2023-07-20 11:00:00+00:00","response_code":503,"request_id":"\#(id)"}"#
        for list in ["request", "error"] {
            try server.push([row], to: "sentry-app-webhook-\(list):{\(app)}:issue.created")
        }
    }

    private func erase(
        _ id: String = id, app: String = "pub-app", as user: String? = HandlersFixture.owner, token: String? = nil,
        site: String = "same-origin"
    ) -> Response {
        fixture.send(
            Request(
                method: "DELETE", path: .encoded("/api/0/sentry-apps/\(app)/requests/\(id)/"),
                remoteUser: token == nil ? user : nil, allowsSuperuser: user == HandlersFixture.superuser,
                authorization: token.map { "Bearer " + $0 }, secFetchSite: site))
    }

    /// Whether Redis still has the id or the payload of the event anywhere.
    private func isStored(_ number: Int = 1) throws -> Bool {
        let keys = try server.command("KEYS", "*").split(separator: "\r\n").filter { !$0.hasPrefix("$") }
        let texts = [HandlersFixture.eventID(number), content(number)]
        return try keys.dropFirst().contains { key in
            let value = try server.command("DUMP", String(key))
            return texts.contains { key.contains($0) || value.contains($0) }
        }
    }

    @Test func everythingOfAnEventIsErased() throws {
        try enqueue()
        try store()
        try store(2)

        let response = erase()

        #expect(response.status == 200)
        #expect(
            response.text
                == #"{"requestId":"\#(Self.id)","queue":["waiting"],"payload":true,"details":1,"rows":1}"#)
        #expect(response.header("Allow") == "GET, DELETE, HEAD, OPTIONS")
        #expect(try !isStored())
        #expect(try isStored(2))
        #expect(try server.integer("LLEN", Self.requests) == 1 && server.integer("LLEN", Self.errors) == 1)
        let again = erase()
        #expect(again.status == 404 && again.detail == "Nothing of this event is stored.")
    }

    @Test func theAuditLogNamesTheEventOnce() throws {
        try store()

        _ = erase()
        _ = erase()

        let entries = fixture.directory.auditEntries.filter { $0.event == AuditEntry.eventErased }
        #expect(entries.count == 1)
        #expect(entries.first?.dataJSON == #"{"name":"pub-app","event":"\#(Self.id)"}"#)
        #expect(entries.first?.actorLabel == HandlersFixture.owner && entries.first?.actorID == 103)
        #expect(entries.first?.organizationID == HandlersFixture.acme)
        #expect(entries.first?.eventName == "event-erased")
    }

    @Test func withoutAnAuditEntryNothingIsErased() throws {
        try enqueue()
        try store()
        let erasure = try #require(fixture.erasure)
        let failure = DirectoryError.unavailable(location: "test", reason: "read only")

        #expect(throws: EventErasure.Failure.audit(failure)) {
            try erasure.erase(id: Self.id, appID: Self.app, events: ["issue.created"]) {
                () throws(DirectoryError) in throw failure
            }
        }
        #expect(erase().json?["queue"].elements.count == 1)
    }

    @Test func whileAWorkerHasItNothingIsErased() throws {
        try enqueue()
        try store()
        let delivery = try #require(try queue.receive(consumer: "test", count: 1).first)

        let response = erase()

        #expect(response.status == 409)
        #expect(
            response.detail
                == "A worker is sending the event. Nothing was erased. Try again when the attempt has ended.")
        #expect(fixture.directory.auditEntries.isEmpty)
        #expect(try archive.event(id: Self.id, appID: Self.app) != nil)
        #expect(try server.integer("LLEN", Self.requests) == 1)
        #expect(try queue.acknowledge(delivery) == .settled)
        #expect(erase().status == 200)
    }

    /// Each of the places alone is enough.
    @Test func whatIsInOnePlaceOnlyIsErased() throws {
        try enqueue()
        #expect(erase().json?["payload"].bool == false)
        try store(isRow: false)
        #expect(erase().json?["rows"].integer == 0)
        try server.push([#"{"request_id":"\#(Self.id)","response_code":200}"#], to: Self.requests)
        #expect(erase().json?["rows"].integer == 1)
        // As a Sentry names its requests.
        try server.push([#"{"request_id":"3f0c0de5-a1b2","response_code":200}"#], to: Self.requests)
        #expect(erase("3f0c0de5-a1b2").json?["rows"].integer == 1)
        #expect(try server.integer("EXISTS", Self.requests) == 0)
    }

    @Test func anotherAppsEventOfTheSameIdStays() throws {
        try enqueue(app: 20)
        try store(app: 20)

        #expect(erase().status == 404)
        #expect(try isStored())
        try store()
        #expect(erase().status == 200)
        #expect(try archive.event(id: Self.id, appID: 20) != nil)
        #expect(try queue.place(of: Self.id, appID: 20) != nil)
        #expect(try server.integer("LLEN", "sentry-app-webhook-request:{20}:issue.created") == 1)
    }

    /// Redis refuses the last step; the next call makes it.
    @Test func aCallThatFailedInTheMiddleIsCompletedByTheNext() throws {
        try enqueue()
        try store()
        try server.command("ACL", "SETUSER", "default", "-lrem")

        let failed = erase()

        #expect(failed.status == 503 && failed.header("Retry-After") == "5")
        #expect(failed.detail == "The event may be erased in part. Try again in a few seconds: that erases the rest.")
        #expect(try queue.place(of: Self.id, appID: Self.app) == nil)
        #expect(try server.integer("LLEN", Self.requests) == 1)
        try server.command("ACL", "SETUSER", "default", "+lrem")
        let rest = erase()
        #expect(rest.status == 200)
        #expect(rest.json?["queue"].elements.isEmpty == true && rest.json?["rows"].integer == 1)
        #expect(try !isStored())
    }

    @Test func withoutRedisNothingIsErased() throws {
        server.process.send(signal: 9)
        _ = try server.process.waitForExit()

        let response = erase()

        #expect(response.status == 503)
        #expect(
            response.detail?.hasPrefix("The stored events are temporarily unavailable. Nothing was erased.") == true)
        #expect(fixture.directory.auditEntries.isEmpty)
    }

    /// Only `org:admin` in the organization that owns the app erases.
    @Test(arguments: [
        (HandlersFixture.owner, 200), ("manager@acme.test", 403), ("admin@acme.test", 403),
        (HandlersFixture.member, 403), (HandlersFixture.outsider, 403), (HandlersFixture.superuser, 200),
    ])
    func rights(_ user: String, _ status: Int) throws {
        try store()

        #expect(erase(as: user).status == status)
        #expect(try isStored() == (status != 200))
    }

    @Test mutating func aTokenNeedsTheScopeAndItsUserToo() throws {
        try store()
        let writer = fixture.token(user: 103, scopes: [.orgWrite, .orgRead])
        let admin = fixture.token(user: 103, scopes: [.orgAdmin])
        let member = fixture.token(user: 100, scopes: [.orgAdmin, .orgWrite])

        #expect(erase(token: writer).status == 403)
        #expect(erase(token: member).status == 403)
        #expect(erase(as: nil).status == 401)
        #expect(erase(site: "cross-site").status == 403)
        #expect(try isStored())
        #expect(erase(token: admin).status == 200)
    }

    @Test func whatTheAppDoesNotHaveIs404() throws {
        try store()

        for id in [HandlersFixture.eventID(9), "nope", "%22", "*", String(repeating: "f", count: 300)] {
            #expect(erase(id).status == 404)
        }
        #expect(erase(app: "no-app").status == 404)
        #expect(fixture.directory.auditEntries.isEmpty)
    }

    // MARK: Dead letters

    private func bury(_ numbers: ClosedRange<Int>) throws {
        for number in numbers { try enqueue(number) }
        for delivery in try queue.receive(consumer: "test", count: 100) {
            #expect(try queue.deadLetter(delivery, reason: "gone", at: HandlersFixture.now) == .settled)
        }
    }

    private func delete(_ path: String) -> Response {
        fixture.send(
            Request(
                method: "DELETE", path: .encoded("/api/0/sentry-apps/pub-app/dead-letters/" + path),
                remoteUser: HandlersFixture.owner, secFetchSite: "same-origin"))
    }

    @Test func deletedDeadLettersAreInTheAuditLog() throws {
        try bury(1...3)

        #expect(delete("\(Self.id)/").status == 204)
        #expect(delete("").text == #"{"deleted":2,"hasMore":false}"#)
        #expect(delete("").text == #"{"deleted":0,"hasMore":false}"#)
        #expect(delete("\(Self.id)/").status == 404)

        let entries = fixture.directory.auditEntries.filter { $0.event == AuditEntry.deadLettersDeleted }
        #expect(
            entries.map(\.dataJSON) == [
                #"{"name":"pub-app","count":1,"event":"\#(Self.id)"}"#, #"{"name":"pub-app","count":2}"#,
            ])
    }
}
