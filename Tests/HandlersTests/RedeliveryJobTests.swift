import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing

/// Redelivery jobs by HTTP: create, list, show and cancel.
@Suite struct RedeliveryJobTests {
    private static let path = "pub-app/redeliveries/"

    private let server: RedisServer
    private let jobs: RedeliveryJobs
    private var fixture = HandlersFixture()

    init() throws {
        server = try RedisServer()
        jobs = RedeliveryJobs(connection: try server.connection())
        fixture.redeliveries = jobs
        fixture.eventIDs = .random
        fixture.payloads.events = [
            ArchivedEvent(
                id: HandlersFixture.eventID(9), appID: 10, event: "issue.created", enqueuedAt: HandlersFixture.now,
                payload: [])
        ]
    }

    private func call(
        _ method: String, _ path: String = path, _ body: String = "", key: String? = nil,
        as user: String? = HandlersFixture.owner, token: String? = nil
    ) -> Response {
        fixture.send(
            Request(
                method: method, path: .encoded("/api/0/sentry-apps/" + path), body: Array(body.utf8),
                remoteUser: token == nil ? user : nil, allowsSuperuser: user == HandlersFixture.superuser,
                authorization: token.map { "Bearer " + $0 }, contentType: "application/json",
                secFetchSite: "same-origin", idempotencyKey: key))
    }

    private func create(_ body: String = #"{"since":"2023-07-20T10:00:00Z"}"#, key: String? = nil) -> Response {
        call("POST", Self.path, body, key: key)
    }

    @Test func aJobIsCreatedAndShown() throws {
        let response = create(
            #"""
            {"since":"2023-07-20T10:00:00Z","until":"2023-07-20 11:00:00+00:00","errorsOnly":true,
            "eventTypes":["issue.resolved","issue.created"],"organizationSlug":"acme"}
            """#)

        #expect(response.status == 202)
        let id = try #require(response.json?["id"].string)
        #expect(
            response.text == """
                {"id":"\(id)","state":"waiting","reason":null,"since":"2023-07-20T10:00:00Z",\
                "until":"2023-07-20T11:00:00Z","errorsOnly":true,\
                "eventTypes":["issue.created","issue.resolved"],"organizationSlug":"acme",\
                "createdAt":"2023-07-20T12:00:00.500000Z","createdBy":"owner@acme.test","finishedAt":null,\
                "total":1,"examined":0,"redelivered":0,"alreadyQueued":0,"expired":0,"unreadable":0,"excluded":0}
                """)
        #expect(call("GET", Self.path + "\(id)/").text == response.text)
        #expect(call("GET").text == #"{"redeliveries":[\#(response.text)]}"#)
        #expect(try jobs.begin(lease: .seconds(1))?.selection.organizationID == HandlersFixture.acme)
    }

    @Test func withoutAnEndTheRangeEndsNow() throws {
        let json = create().json

        #expect(json?["until"].string == "2023-07-20T12:00:00.500000Z")
        #expect(
            create(#"{"since":"2023-07-20T10:00:00Z","until":"2030-01-01T00:00:00Z"}"#).json?["until"] == json?["until"]
        )
        #expect(json?["eventTypes"].isNull == true && json?["organizationSlug"].isNull == true)
    }

    @Test func aDryRunCountsAndCreatesNothing() throws {
        let response = create(#"{"since":"2023-07-20T10:00:00Z","dryRun":true}"#)

        #expect(response.status == 200 && response.text == #"{"total":1}"#)
        #expect(call("GET").text == #"{"redeliveries":[]}"#)
    }

    @Test(arguments: [
        ("{}", #"{"since":["This field is required."]}"#),
        (#"{"since":null}"#, #"{"since":["Not a date and time such as 2024-01-31T12:00:00Z."]}"#),
        (#"{"since":"2h"}"#, #"{"since":["Not a date and time such as 2024-01-31T12:00:00Z."]}"#),
        (
            #"{"since":"2023-07-20T12:00:01Z"}"#,
            #"{"until":["Must be after \"since\", which must not be in the future."]}"#
        ),
        (
            #"{"since":"2023-07-20T10:00:00Z","until":"2023-07-20T10:00:00Z"}"#,
            #"{"until":["Must be after \"since\", which must not be in the future."]}"#
        ),
        (
            #"{"since":"2023-07-20T10:00:00Z","until":5,"errorsOnly":"yes"}"#,
            #"{"until":["Not a date and time such as 2024-01-31T12:00:00Z."],"errorsOnly":["Must be a valid boolean."]}"#
        ),
        (
            #"{"since":"2023-07-20T10:00:00Z","eventTypes":["nope",7]}"#,
            #"{"eventTypes":["\"nope\" is not a valid choice.","\"a number\" is not a valid choice."]}"#
        ),
        (
            #"{"since":"2023-07-20T10:00:00Z","eventTypes":[]}"#,
            #"{"eventTypes":["Must be a list of event types that is not empty."]}"#
        ),
        (
            #"{"since":"2023-07-20T10:00:00Z","organizationSlug":"nope"}"#,
            #"{"organizationSlug":["There is no such organization."]}"#
        ),
        (#"{"since":"2023-07-20T10:00:00Z","event":"issue.created"}"#, #"{"event":["Unknown field."]}"#),
        ("[]", #"{"non_field_errors":["Invalid data. Expected an object, but got an array."]}"#),
    ])
    func wrongFieldsAreNamed(_ body: String, _ messages: String) throws {
        let response = create(body)

        #expect(response.status == 400 && response.text == messages)
        #expect(try jobs.jobs(appID: 10) == [])
    }

    @Test func theSameIdempotencyKeyCreatesOneJob() throws {
        let first = create(key: "k")
        let second = create(key: "k")

        #expect(first.status == 202 && second.status == 202 && first.text == second.text)
        #expect(create(key: "other").json?["id"] != first.json?["id"])
        #expect(create(key: "\u{7}").text.hasPrefix(#"{"Idempotency-Key":["#))
    }

    @Test func aFurtherJobThanTheLimitIs409() throws {
        for _ in 0..<RedeliveryJobs.maximumActive { #expect(create().status == 202) }

        let response = create()

        #expect(response.status == 409)
        #expect(response.detail == "The app has 5 redelivery jobs that have not ended. Wait, or cancel one.")
    }

    @Test func aJobIsCancelled() throws {
        let id = try #require(create().json?["id"].string)

        let response = call("DELETE", Self.path + "\(id)/")

        #expect(response.status == 200 && response.json?["state"].string == "cancelled")
        #expect(response.json?["finishedAt"].string == "2023-07-20T12:00:00.500000Z")
        #expect(call("DELETE", Self.path + "\(id)/").text == response.text)
    }

    @Test func aJobOfAnotherAppIs404() throws {
        let id = try #require(create().json?["id"].string)

        for method in ["GET", "DELETE"] {
            for path in [
                "draft-app/redeliveries/\(id)/", Self.path + "nope/", Self.path + "\(HandlersFixture.eventID(77))/",
            ] {
                let response = call(method, path)
                #expect(response.status == 404)
                #expect(response.detail == "The app has no redelivery job with this id.")
            }
        }
        #expect(try jobs.job(id: id, appID: 10)?.state == .waiting)
    }

    @Test mutating func aDisabledAppHasNoNewJobAndNeitherHasADeploymentWithoutPayloads() throws {
        fixture.directory.apps[0].disablement = .init(
            date: HandlersFixture.now, reason: "by hand", events: [])
        #expect(create().status == 409)
        fixture.directory.apps[0].disablement = nil
        fixture.eventLimits.payloadSeconds = 0
        #expect(create().detail == "This deployment does not store payloads.")
    }

    @Test(arguments: [
        (HandlersFixture.owner, 200, 202), ("manager@acme.test", 200, 202), ("admin@acme.test", 200, 403),
        (HandlersFixture.member, 200, 403), (HandlersFixture.outsider, 403, 403), (HandlersFixture.superuser, 200, 202),
    ])
    func rights(_ user: String, _ read: Int, _ write: Int) throws {
        let id = try #require(create().json?["id"].string)
        let body = #"{"since":"2023-07-20T10:00:00Z"}"#

        #expect(call("GET", as: user).status == read)
        #expect(call("GET", Self.path + "\(id)/", as: user).status == read)
        #expect(call("POST", Self.path, body, as: user).status == write)
        #expect(call("DELETE", Self.path + "\(id)/", as: user).status == (write == 202 ? 200 : write))
        #expect(call("POST", Self.path, body, as: nil).status == 401)
    }

    @Test func withoutRedisTheAnswerIs503() throws {
        let id = HandlersFixture.eventID(1)
        server.process.send(signal: 9)
        _ = try server.process.waitForExit()

        #expect(call("GET").status == 503)
        #expect(create().status == 503)
        #expect(call("GET", Self.path + "\(id)/").status == 503)
        #expect(call("DELETE", Self.path + "\(id)/").status == 503)
    }
}
