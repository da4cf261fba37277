import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WireJSON

/// The dead letters of one app: list, show, redrive and delete.
@Suite struct DeadLetterTests {
    private static let app: Int64 = 10
    private static let other: Int64 = 20

    private let server: RedisServer
    private let queue: DeliveryQueue
    private var fixture = HandlersFixture()

    init() throws {
        server = try RedisServer()
        queue = DeliveryQueue(connection: try server.connection())
        fixture.deadLetters = queue
    }

    /// Makes entries dead letters, one a second.
    private func bury(_ numbers: some Sequence<Int>, app: Int64 = app, payload: [UInt8]? = nil) throws {
        for number in numbers {
            let event = QueuedEvent(
                event: "issue.created", installationUUID: "uuid", projectID: 5,
                data: .object([.init(name: "n", value: .integer(number))]))
            let entry = QueueEntry(
                id: HandlersFixture.eventID(number), appID: app, event: "issue.created",
                enqueuedAt: HandlersFixture.now, payload: payload ?? event.bytes)
            #expect(try queue.enqueue(entry) == .accepted(entry.id))
            let delivery = try #require(try queue.receive(consumer: "test", count: 1).first)
            let time = HandlersFixture.now.adding(seconds: Int64(number))
            #expect(try queue.deadLetter(delivery, reason: "attempt 4 of 4 failed: 503", at: time) == .settled)
        }
    }

    private func call(
        _ method: String, _ path: String, _ query: String = "", as user: String? = HandlersFixture.owner,
        token: String? = nil
    ) -> Response {
        fixture.send(
            Request(
                method: method, path: .encoded("/api/0/sentry-apps/" + path), query: query,
                remoteUser: token == nil ? user : nil, allowsSuperuser: user == HandlersFixture.superuser,
                authorization: token.map { "Bearer " + $0 }, secFetchSite: "same-origin"))
    }

    @Test func theListHasWhatPeopleNeedToKnowAndNoPayload() throws {
        try bury([1])
        try bury([2], app: Self.other)

        let response = call("GET", "pub-app/dead-letters/")

        #expect(response.status == 200)
        #expect(
            response.text == """
                {"count":1,"deadLetters":[{"id":"\(HandlersFixture.eventID(1))","eventType":"issue.created",\
                "date":"2023-07-20T12:00:01.500000Z","enqueuedAt":"2023-07-20T12:00:00.500000Z","attempts":1,\
                "reason":"attempt 4 of 4 failed: 503","originalId":null,"payloadBytes":77}],"next":null}
                """)
        #expect(response.header("Allow") == "GET, DELETE, HEAD, OPTIONS")
    }

    @Test func pagesFollowEachOtherToTheEnd() throws {
        try bury(1...5)
        var (ids, next): ([String], String?) = ([], "")
        var pageCount = 0

        while let after = next {
            let page = call("GET", "pub-app/dead-letters/", "per_page=2&after=\(after)")
            ids += page.json?["deadLetters"].elements.compactMap { $0["id"].string } ?? []
            next = page.json?["next"].string
            pageCount += 1
        }

        #expect(ids == (1...5).map(HandlersFixture.eventID))
        #expect(pageCount == 3)
    }

    @Test(arguments: ["x", "0", "0:20:00001700000000000000:00", "-1:10:", "99999999999999999999:", "0:1"])
    func aPositionOfAnotherListIsRejected(_ after: String) throws {
        try bury([1], app: Self.other)

        let response = call("GET", "pub-app/dead-letters/", "after=\(after)")

        #expect(response.status == 400)
        #expect(response.detail == "Invalid after parameter.")
    }

    @Test func oneIsShownWithItsEvent() throws {
        try bury([1])

        let json = call("GET", "pub-app/dead-letters/\(HandlersFixture.eventID(1))/").json

        #expect(json?["reason"].string == "attempt 4 of 4 failed: 503")
        #expect(json?["event"]["installation"].string == "uuid")
        #expect(json?["event"]["data"]["n"].integer == 1)
        #expect(json?["event"]["actor"].isNull == true)
    }

    @Test func anUnreadablePayloadIsShownAsNone() throws {
        try bury([1], payload: Array("{".utf8))

        let response = call("GET", "pub-app/dead-letters/\(HandlersFixture.eventID(1))/")

        #expect(response.status == 200)
        #expect(response.json?["event"].isNull == true)
    }

    /// More than one page of the index has.
    @Test func fiveHundredAreDeletedOrRedrivenAtOnce() throws {
        try bury(1...501)

        let first = call("DELETE", "pub-app/dead-letters/")
        let rest = call("DELETE", "pub-app/dead-letters/")

        #expect(first.text == #"{"deleted":500,"hasMore":true}"#)
        #expect(rest.text == #"{"deleted":1,"hasMore":false}"#)
        try bury(1001...1501)
        let redrive = try queue.redrive(appID: Self.app, limit: 500, now: HandlersFixture.now)
        #expect(redrive.redrive.count == 500 && redrive.hasMore)
    }

    @Test func aDamagedOneIsShownAndCanOnlyBeDeleted() throws {
        try bury([1])
        let path = "pub-app/dead-letters/\(HandlersFixture.eventID(1))/"
        try server.command("HSET", "hookline:{queue:events:0}:dead-entries", HandlersFixture.eventID(1), "x")

        #expect(call("GET", path).json?["reason"].string == "damaged: what Redis has cannot be decoded")
        let redrive = call("POST", path + "redrive/")
        #expect(redrive.status == 409)
        #expect(redrive.detail == "The dead letter is damaged, so it cannot be sent. It can only be deleted.")
        #expect(call("DELETE", path).status == 204)
        #expect(call("GET", path).status == 404)
        #expect(try server.integer("ZCARD", "hookline:{queue:events:0}:dead") == 0)
        #expect(try server.integer("ZCARD", "hookline:{queue:events:0}:dead-by-app") == 0)
    }

    @Test func damagedOnesDoNotKeepOthersFromBeingRedriven() throws {
        try bury(1...510)
        for number in 1...505 {
            try server.command(
                "HSET", "hookline:{queue:events:0}:dead-entries", HandlersFixture.eventID(number), "garbage")
        }

        let redrive = try queue.redrive(appID: Self.app, limit: 500, now: HandlersFixture.now)

        #expect(redrive.redrive.count == 5 && redrive.redrive.damagedCount == 505 && !redrive.hasMore)
        let deleted = call("DELETE", "pub-app/dead-letters/")
        #expect(deleted.text == #"{"deleted":500,"hasMore":true}"#)
        #expect(call("DELETE", "pub-app/dead-letters/").text == #"{"deleted":5,"hasMore":false}"#)
        #expect(try server.integer("ZCARD", "hookline:{queue:events:0}:dead") == 0)
    }

    @Test func oneIsRedrivenUnderItsId() throws {
        try bury([1])
        let id = HandlersFixture.eventID(1)

        let response = call("POST", "pub-app/dead-letters/\(id)/redrive/")

        #expect(response.status == 202 && response.text == #"{"id":"\#(id)"}"#)
        #expect(try queue.receive(consumer: "test", count: 1).first?.entry.id == id)
        #expect(call("POST", "pub-app/dead-letters/\(id)/redrive/").status == 404)
    }

    @Test mutating func ofADisabledAppNoneIsRedriven() throws {
        try bury([1])
        fixture.directory.apps[0].disablement = .init(
            date: HandlersFixture.now, reason: "by hand", events: [])

        #expect(call("POST", "pub-app/dead-letters/\(HandlersFixture.eventID(1))/redrive/").status == 409)
        #expect(try queue.deadLetterSummary(appID: Self.app).count == 1)
    }

    @Test func oneIsDeleted() throws {
        try bury(1...2)
        let path = "pub-app/dead-letters/\(HandlersFixture.eventID(1))/"

        let response = call("DELETE", path)

        #expect(response.status == 204 && response.body.isEmpty)
        #expect(call("DELETE", path).status == 404)
        #expect(try queue.deadLetterSummary(appID: Self.app).count == 1)
    }

    @Test func allOfAnAppAreDeletedAndNoOthers() throws {
        try bury(1...3)
        try bury([4], app: Self.other)

        let response = call("DELETE", "pub-app/dead-letters/")

        #expect(response.status == 200 && response.text == #"{"deleted":3,"hasMore":false}"#)
        #expect(try queue.deadLetterSummary(appID: Self.other).count == 1)
    }

    @Test(arguments: ["nope", HandlersFixture.eventID(9), HandlersFixture.eventID(2)])
    func whatTheAppDoesNotHaveIs404(_ id: String) throws {
        try bury([2], app: Self.other)

        for (method, action) in [("GET", ""), ("DELETE", ""), ("POST", "redrive/")] {
            let response = call(method, "pub-app/dead-letters/\(id)/\(action)")
            #expect(response.status == 404)
            #expect(response.detail == "The app has no dead letter with this id.")
        }
        #expect(try queue.deadLetterSummary(appID: Self.other).count == 1)
    }

    /// Reading as the log, redriving with `org:write`, deleting with `org:admin`.
    @Test(arguments: [
        (HandlersFixture.owner, 200, 202, 204), ("manager@acme.test", 200, 202, 403),
        ("admin@acme.test", 200, 403, 403), (HandlersFixture.member, 200, 403, 403),
        (HandlersFixture.outsider, 403, 403, 403), (HandlersFixture.superuser, 200, 202, 204),
    ])
    func rights(_ user: String, _ read: Int, _ redrive: Int, _ delete: Int) throws {
        try bury(1...2)
        let path = { "pub-app/dead-letters/\(HandlersFixture.eventID($0))/" }

        #expect(call("GET", "pub-app/dead-letters/", as: user).status == read)
        #expect(call("GET", path(1), as: user).status == read)
        #expect(call("POST", path(1) + "redrive/", as: user).status == redrive)
        #expect(call("DELETE", path(2), as: user).status == delete)
        #expect(call("DELETE", "pub-app/dead-letters/", as: user).status == (delete == 204 ? 200 : delete))
        #expect(call("GET", path(1), as: nil).status == 401)
    }

    @Test mutating func aTokenNeedsTheScopeAndItsUserToo() throws {
        try bury(1...2)
        let path = "pub-app/dead-letters/\(HandlersFixture.eventID(1))/"
        let writer = fixture.token(user: 103, scopes: [.orgWrite])
        let admin = fixture.token(user: 103, scopes: [.orgAdmin])
        let member = fixture.token(user: 100, scopes: [.orgAdmin, .orgWrite])

        #expect(call("DELETE", path, token: writer).status == 403)
        #expect(call("DELETE", path, token: member).status == 403)
        #expect(call("POST", path + "redrive/", token: admin).status == 403)
        #expect(call("DELETE", path, token: admin).status == 204)
    }

    @Test func withoutRedisTheAnswerIs503() throws {
        let id = HandlersFixture.eventID(1)
        server.process.send(signal: 9)
        _ = try server.process.waitForExit()

        for (method, path) in [
            ("GET", ""), ("DELETE", ""), ("GET", "\(id)/"), ("DELETE", "\(id)/"), ("POST", "\(id)/redrive/"),
        ] {
            #expect(call(method, "pub-app/dead-letters/" + path).status == 503, "\(method) \(path)")
        }
    }
}
