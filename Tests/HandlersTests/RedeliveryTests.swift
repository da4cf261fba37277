import Buffer
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WireJSON

/// Sending a request again: a new event that names the original.
@Suite struct RedeliveryTests {
    @Test func aStoredPayloadIsEnqueuedWithANewID() throws {
        let fixture = HandlersFixture()
        fixture.keep()

        let response = fixture.redeliver()

        #expect(response.status == 202)
        #expect(response.text == #"{"id":"\#(HandlersFixture.eventID(1))","originalId":"\#(HandlersFixture.kept)"}"#)
        #expect(response.header("Allow") == "POST, OPTIONS")
        let entry = try #require(fixture.queue.entries.first)
        #expect(entry.id == HandlersFixture.eventID(1) && entry.originalID == HandlersFixture.kept)
        #expect(entry.appID == 10 && entry.event == "issue.created" && entry.attempt == 1)
        #expect(entry.enqueuedAt == HandlersFixture.now)
        var expected = try #require(QueuedEvent(bytes: fixture.payloads.events[0].payload))
        expected.originalID = HandlersFixture.kept
        #expect(QueuedEvent(bytes: entry.payload) == expected)
    }

    /// Its outcome counts for the event that was redelivered first.
    @Test func aRedeliveryOfARedeliveryRefersToTheFirstEvent() throws {
        let fixture = HandlersFixture()
        let resent = QueuedEvent(
            event: "issue.created", installationUUID: "u", data: .object([]), originalID: HandlersFixture.eventID(7))
        fixture.keep(resent.bytes)

        let response = fixture.redeliver()

        let first = HandlersFixture.eventID(7)
        #expect(response.json?["originalId"].string == first)
        #expect(fixture.queue.entries.first?.originalID == first)
        #expect(fixture.queue.entries.first.flatMap { QueuedEvent(bytes: $0.payload) }?.originalID == first)
    }

    @Test(arguments: [
        ("owner@acme.test", 202), ("manager@acme.test", 202), ("admin@acme.test", 403), (HandlersFixture.member, 403),
        (HandlersFixture.outsider, 403), ("loner@nowhere.test", 403), (HandlersFixture.superuser, 202),
    ])
    func itNeedsOrgWriteInTheOwningOrganization(_ user: String, _ status: Int) {
        let fixture = HandlersFixture()
        fixture.keep()

        #expect(fixture.redeliver(as: user).status == status)
        #expect(fixture.queue.entries.count == (status == 202 ? 1 : 0))
    }

    @Test(arguments: Scope.allCases)
    func aTokenNeedsOrgWriteAndAMemberWithThatScope(_ scope: Scope) {
        var fixture = HandlersFixture()
        fixture.keep()
        let isWriter = scope == .orgWrite
        let owner = fixture.token(user: 103, scopes: [scope])
        let member = fixture.token(user: 100, scopes: [scope])
        let outsider = fixture.token(user: 110, scopes: [scope])

        #expect(fixture.redeliver(token: owner).status == (isWriter ? 202 : 403))
        #expect(fixture.redeliver(token: member).status == 403)
        #expect(fixture.redeliver(token: outsider).status == 403)
        #expect(fixture.redeliver(app: "nope", token: outsider).status == (isWriter ? 404 : 403))
    }

    @Test func anonymousIs401AndAForeignPageIs403() {
        let fixture = HandlersFixture()
        fixture.keep()
        let path = Request.Path.encoded("/api/0/sentry-apps/pub-app/requests/\(HandlersFixture.kept)/redeliver/")

        let foreign = fixture.send(
            Request(method: "POST", path: path, remoteUser: HandlersFixture.owner, secFetchSite: "cross-site"))

        #expect(fixture.redeliver(as: nil).status == 401)
        #expect(foreign.status == 403)
        #expect(foreign.detail?.hasPrefix("CSRF Failed: ") == true)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test(arguments: [
        HandlersFixture.eventID(5), "nope", HandlersFixture.kept.uppercased(), HandlersFixture.kept + "0", "%00",
    ])
    func aRequestWithoutAPayloadIs404AndTheMessageSaysHowLongTheyAreKept(_ id: String) {
        let fixture = HandlersFixture()
        fixture.keep()

        let response = fixture.redeliver(id)

        #expect(response.status == (id == "%00" ? 400 : 404))
        if id != "%00" {
            #expect(response.detail == "No payload is stored for this request. Payloads are stored for 3 days.")
        }
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test(arguments: [(86_400, "1 day"), (7200, "2 hours"), (90, "90 seconds"), (60, "1 minute"), (1, "1 second")])
    func theDurationIsGivenInWords(_ seconds: Int, _ words: String) {
        var fixture = HandlersFixture()
        fixture.eventLimits.payloadSeconds = seconds

        #expect(fixture.redeliver().detail?.hasSuffix(" stored for \(words).") == true)
    }

    @Test func anotherAppsRequestIsNotKeptForThisOne() {
        let fixture = HandlersFixture()
        fixture.keep(appID: 20)

        #expect(fixture.redeliver().status == 404)
        #expect(fixture.redeliver(app: "globex-app").status == 403)
    }

    @Test func withoutAnArchiveTheMessageSaysSo() {
        var fixture = HandlersFixture()
        fixture.keep()
        fixture.eventLimits.payloadSeconds = 0

        #expect(fixture.redeliver().status == 404)
        #expect(fixture.redeliver().detail == "This deployment does not store payloads.")
    }

    @Test func aDisabledAppIsSentNothing() {
        var fixture = HandlersFixture()
        fixture.keep()
        fixture.directory.apps[0].disablement = SentryApp.Disablement(
            date: HandlersFixture.now, reason: "broken", events: [])

        let response = fixture.redeliver()

        #expect(response.status == 409)
        #expect(response.detail == "The app is disabled, so nothing is sent to it. Enable it first.")
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func anUnreadablePayloadIs500AndNamedInTheLog() {
        let fixture = HandlersFixture()
        fixture.keep(Array("no event".utf8))

        let response = fixture.redeliver()

        #expect(response.status == 500)
        #expect(response.failure == "the stored payload of event \(HandlersFixture.kept) is not a valid event")
    }

    @Test func unavailableStoresAndAFullQueueAre503() {
        let fixture = HandlersFixture()
        fixture.keep()

        fixture.queue.bound = 0
        #expect(fixture.redeliver().detail == #"The queue "events" is full. Try again in a few seconds."#)
        fixture.queue.failure = .timedOut(server: "s", milliseconds: 5)
        #expect(fixture.redeliver().header("Retry-After") == "5")
        fixture.payloads.failure = .timedOut(server: "s", milliseconds: 5)
        #expect(fixture.redeliver().status == 503)
        #expect(fixture.redeliver().detail?.hasPrefix("The stored payloads are") == true)
    }

    @Test func aRepetitionWithTheSameKeySendsOnce() {
        let fixture = HandlersFixture()
        fixture.keep()

        let responses = [fixture.redeliver(key: "k"), fixture.redeliver(key: "k"), fixture.redeliver(key: "other")]

        #expect(responses.map(\.status) == [202, 202, 202])
        #expect(responses[0].text == responses[1].text && responses[1].text != responses[2].text)
        #expect(fixture.queue.entries.count == 2)
        #expect(fixture.redeliver(key: "\n").text.hasPrefix(#"{"Idempotency-Key":["#))
    }

    @Test(arguments: ["GET", "HEAD", "PUT"])
    func thereIsOnlyPost(_ method: String) {
        let path = Request.Path.encoded("/api/0/sentry-apps/pub-app/requests/\(HandlersFixture.kept)/redeliver/")
        let response = HandlersFixture().send(
            Request(method: method, path: path, remoteUser: HandlersFixture.owner, secFetchSite: "same-origin"))

        #expect(response.status == 405)
    }

    @Test(arguments: [
        "requests//redeliver/", "requests/\(HandlersFixture.kept)/redeliver/x/",
        "stats/\(HandlersFixture.kept)/redeliver/", "requests/\(HandlersFixture.kept)/again/",
    ])
    func otherPathsLeadNowhere(_ rest: String) {
        let path = Request.Path.encoded("/api/0/sentry-apps/pub-app/\(rest)")
        let response = HandlersFixture().send(
            Request(method: "POST", path: path, remoteUser: HandlersFixture.owner, secFetchSite: "same-origin"))

        #expect(response.status == 404)
        #expect(response.text.isEmpty)
    }
}
