import Buffer
import Directory
import Handlers
import Model
import TestSupport
import Testing

/// The look-ups of one request.
@Suite struct LookUpTests {
    @Test func aFullLogAsksForEachReferencedThingOnce() {
        let fixture = HandlersFixture()
        for index in 0..<100 {
            let organization = index % 3 == 0 ? HandlersFixture.globex : index % 3 == 1 ? HandlersFixture.acme : 99
            let project = index % 2 == 0 ? "5" : #""6""#
            fixture.store(
                400, organization: organization,
                fields: #","error_id":"\#(HandlersFixture.eventID)","project_id":\#(project)"#)
        }
        let directory = CountingDirectory(fixture.directory)

        let response = Service(dependencies: fixture.dependencies(directory: directory)).respond(
            to: Request(
                method: "GET", path: .encoded("/api/0/sentry-apps/pub-app/requests/"), remoteUser: HandlersFixture.owner
            ))

        #expect(response.json?.elements.count == 100)
        #expect(
            directory.questions == [
                "login \(HandlersFixture.owner)": 1, "app pub-app": 1, "membership 103 1": 1, "organization 2": 1,
                // Once as the owner, once for the rows and once for the address of the events.
                "organization 1": 3, "organization 99": 1, "project 5": 1, "project 6": 1,
                "event 5 \(HandlersFixture.eventID)": 1,
            ])
        #expect(fixture.log.queries.count == 1)
        #expect(fixture.log.queries.first?.limit == 100)
    }

    @Test func aSessionIsOneLookUpAndABadOneNone() throws {
        let fixture = try SessionFixture()
        let directory = CountingDirectory(fixture.base.directory)
        let service = Service(dependencies: fixture.base.dependencies(directory: directory))

        _ = service.respond(
            to: fixture.request("GET", "pub-app/requests/", cookie: "sentrysid=bad; \(fixture.cookie())x"))
        #expect(directory.questions.isEmpty)
        _ = service.respond(
            to: fixture.request(
                "GET", "pub-app/requests/", cookie: fixture.cookie(), remoteUser: HandlersFixture.outsider))
        #expect(
            directory.questions == [
                "session user 103": 1, "app pub-app": 1, "organization 1": 1, "membership 103 1": 1,
            ])
    }

    @Test(arguments: ["draft-app", "pub-app"])
    func theDetailsOfAnAppAskForEachRowOnce(_ slug: String) throws {
        let fixture = try SessionFixture()
        let directory = CountingDirectory(fixture.base.directory)
        let service = Service(dependencies: fixture.base.dependencies(directory: directory))

        let response = service.respond(to: fixture.request("GET", slug + "/", cookie: fixture.cookie()))

        #expect(response.json?["owner"]["slug"].string == "acme")
        #expect(
            directory.questions == [
                "session user 103": 1, "app \(slug)": 1, "organization 1": 1, "copied membership 103 1": 1,
                "copied organization 1": 1, "membership 103 1": 1,
            ])
    }

    @Test func aRefusedRequestNeverReachesTheLog() {
        let fixture = HandlersFixture()

        for (path, query, user) in [
            ("pub-app/requests/", "", nil), ("pub-app/requests/", "", HandlersFixture.outsider),
            ("nope/requests/", "", HandlersFixture.owner), ("pub-app/requests/", "start=x", HandlersFixture.owner),
            ("pub-app/webhook-requests/", "per_page=0", HandlersFixture.owner),
        ] as [(String, String, String?)] {
            #expect(fixture.get(path, query, as: user).status >= 400)
        }

        #expect(fixture.log.queries.isEmpty)
    }
}
