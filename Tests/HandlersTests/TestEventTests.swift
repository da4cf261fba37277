import Buffer
import Directory
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WireJSON

/// Sending an event that did not happen, to see what the receiver makes of it.
@Suite struct TestEventTests {
    private static let cases = #"{"eventType":"issue.created"}"#

    @Test func aMarkedEventIsQueuedForTheOnlyInstallation() throws {
        let fixture = HandlersFixture.deliverable()

        let response = fixture.sendTest()

        #expect(response.status == 202)
        #expect(response.text == #"{"id":"\#(HandlersFixture.eventID(1))","eventType":"issue.created"}"#)
        #expect(response.header("Allow") == "POST, OPTIONS")
        let entry = try #require(fixture.queue.entries.first)
        #expect(entry.id == HandlersFixture.eventID(1) && entry.appID == 10 && entry.event == "issue.created")
        #expect(entry.enqueuedAt == HandlersFixture.now && entry.originalID == nil)
        let event = try #require(QueuedEvent(bytes: entry.payload))
        #expect(event.installationUUID == "installation-1" && event.projectID == nil)
        #expect(event.data["hookline_test"] == .bool(true))
        #expect(event.data["issue"]?["id"]?.string == "1")
    }

    @Test func organizationAndProjectMayBeNamed() throws {
        var fixture = HandlersFixture.deliverable()
        fixture.installElsewhere()
        let names = #"{"eventType":"issue.created","organizationSlug":"globex","project":"#

        let bySlug = fixture.sendTest(names + #""other"}"#, as: HandlersFixture.superuser)
        let byID = fixture.sendTest(names + "6}", as: HandlersFixture.superuser)
        let unnamed = fixture.sendTest()

        #expect([bySlug, byID].map(\.status) == [202, 202])
        #expect(unnamed.status == 400)
        #expect(unnamed.detail?.hasSuffix("It is installed at: acme.") == true)
        let events = fixture.queue.entries.compactMap { QueuedEvent(bytes: $0.payload) }
        #expect(events.map(\.installationUUID) == ["installation-2", "installation-2"])
        #expect(events.map(\.projectID) == [6, 6])
    }

    @Test(arguments: [
        ("application/json; charset=utf-8", #"{"eventType":"issue.created","project":null}"#),
        ("application/x-www-form-urlencoded", "eventType=issue.created&organizationSlug=acme&project=web"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"eventType\"\r\n\r\nissue.created\r\n--b--\r\n"
        ),
    ])
    func theBodyMayBeJSONOrAForm(_ contentType: String, _ body: String) {
        let fixture = HandlersFixture.deliverable()

        #expect(fixture.sendTest(body, contentType: contentType).status == 202)
        #expect(fixture.queue.entries.count == 1)
    }

    @Test(arguments: [
        ("", 400, #"{"detail":"Invalid event type."}"#), ("{}", 400, #"{"detail":"Invalid event type."}"#),
        (#"{"eventType":"no.such"}"#, 400, #"{"detail":"Invalid event type."}"#),
        (#"{"eventType":5}"#, 400, #"{"eventType":["Not a valid string."]}"#),
        (
            #"{"eventType":"issue.created","organisationSlug":"acme"}"#, 400,
            #"{"organisationSlug":["Unknown field."]}"#
        ),
        (
            #"{"eventType":"issue.created","organizationSlug":["acme"]}"#, 400,
            #"{"organizationSlug":["Not a valid string."]}"#
        ),
        (#"{"eventType":"issue.created","project":[]}"#, 400, #"{"project":["Must be a slug or an id."]}"#),
        (
            #"{"eventType":"issue.created","organizationSlug":"nope"}"#, 400,
            #"{"detail":"Invalid organization."}"#
        ),
        (#"{"eventType":"issue.created","project":"other"}"#, 400, #"{"detail":"Invalid project."}"#),
        (
            "[]", 400,
            #"{"non_field_errors":["Invalid data. Expected an object, but got an array."]}"#
        ),
    ])
    func whatIsWrongIsNamed(_ body: String, _ status: Int, _ text: String) {
        let fixture = HandlersFixture.deliverable()

        let response = fixture.sendTest(body)

        #expect(response.status == status)
        #expect(response.text == text)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func bodiesThatCannotBeReadAreRefused() {
        let fixture = HandlersFixture.deliverable()

        #expect(fixture.sendTest("{").status == 400)
        #expect(fixture.sendTest("x", contentType: "text/plain").status == 415)
    }

    @Test func anEventThatWouldBeDroppedIs409WithTheSteps() {
        var fixture = HandlersFixture.deliverable()
        fixture.directory.apps[0].events = ["comment"]
        fixture.directory.serviceHooks = []

        let response = fixture.sendTest()

        #expect(response.status == 409)
        #expect(response.detail == "Nothing was sent: a worker would drop the event.")
        #expect(response.json?["steps"].elements.count == 2)
        #expect(
            response.steps("problem").map { $0.prefix { $0 != ":" } } == ["service hook", "app's events"])
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func anAppThatIsNotInstalledThereIs409() {
        let fixture = HandlersFixture.deliverable()

        let response = fixture.sendTest(#"{"eventType":"issue.created","organizationSlug":"globex"}"#)

        #expect(response.status == 409)
        #expect(response.steps("problem") == ["installation: pub-app is not installed at globex"])
    }

    @Test func aDisabledAppIsSentNothing() {
        var fixture = HandlersFixture.deliverable()
        fixture.directory.apps[0].disablement = SentryApp.Disablement(
            date: HandlersFixture.now, reason: "broken", events: [])

        let response = fixture.sendTest()

        #expect(response.status == 409)
        #expect(response.text == #"{"detail":"The app is disabled, so nothing is sent to it. Enable it first."}"#)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test(arguments: [
        ("owner@acme.test", 202), ("manager@acme.test", 202), ("admin@acme.test", 403), (HandlersFixture.member, 403),
        (HandlersFixture.outsider, 403), ("loner@nowhere.test", 403), (HandlersFixture.superuser, 202), (nil, 401),
    ])
    func itNeedsOrgWriteInTheOwningOrganization(_ user: String?, _ status: Int) {
        let fixture = HandlersFixture.deliverable()

        #expect(fixture.sendTest(as: user).status == status)
        #expect(fixture.queue.entries.count == (status == 202 ? 1 : 0))
    }

    @Test(arguments: Scope.allCases)
    func aTokenNeedsOrgWriteAndAMemberWithThatScope(_ scope: Scope) {
        var fixture = HandlersFixture.deliverable()
        let isWriter = scope == .orgWrite
        let owner = fixture.token(user: 103, scopes: [scope])
        let member = fixture.token(user: 100, scopes: [scope])
        let outsider = fixture.token(user: 110, scopes: [scope])

        #expect(fixture.sendTest(token: owner).status == (isWriter ? 202 : 403))
        #expect(fixture.sendTest(token: member).status == 403)
        #expect(fixture.sendTest(token: outsider).status == 403)
        #expect(fixture.sendTest(app: "nope", token: outsider).status == (isWriter ? 404 : 403))
    }

    @Test func aForeignPageIs403() {
        let fixture = HandlersFixture.deliverable()

        let response = fixture.send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-apps/pub-app/test-event/"), body: Array(Self.cases.utf8),
                remoteUser: HandlersFixture.owner, contentType: "application/json", secFetchSite: "cross-site"))

        #expect(response.status == 403)
        #expect(response.detail?.hasPrefix("CSRF Failed: ") == true)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func aRepetitionWithTheSameKeySendsOnce() {
        let fixture = HandlersFixture.deliverable()

        let responses = [fixture.sendTest(key: "k"), fixture.sendTest(key: "k"), fixture.sendTest(key: "other")]

        #expect(responses.map(\.status) == [202, 202, 202])
        #expect(responses[0].text == responses[1].text && responses[1].text != responses[2].text)
        #expect(fixture.queue.entries.count == 2)
        #expect(fixture.queue.keys.first == IdempotencyKey("k", scope: .testEvent(installationID: 1, "issue.created")))
        #expect(fixture.sendTest(key: "\n").text.hasPrefix(#"{"Idempotency-Key":["#))
    }

    @Test func unavailableStoresAndAFullQueueAre503() {
        var fixture = HandlersFixture.deliverable()

        fixture.queue.bound = 0
        #expect(fixture.sendTest().detail == #"The queue "events" is full. Try again in a few seconds."#)
        fixture.queue.failure = .timedOut(server: "s", milliseconds: 5)
        #expect(fixture.sendTest().status == 503)
        #expect(fixture.sendTest().header("Retry-After") == "5")
        fixture.directory.failure = .unavailable(location: "x", reason: "gone")
        #expect(fixture.sendTest().status == 503)
        #expect(fixture.sendTest().detail?.hasPrefix("The directory is") == true)
    }

    @Test(arguments: ["GET", "HEAD", "PUT"])
    func thereIsOnlyPost(_ method: String) {
        let response = HandlersFixture.deliverable().send(
            Request(
                method: method, path: .encoded("/api/0/sentry-apps/pub-app/test-event/"),
                remoteUser: HandlersFixture.owner,
                secFetchSite: "same-origin"))

        #expect(response.status == 405)
        #expect(response.header("Allow") == "POST, OPTIONS")
    }
}
