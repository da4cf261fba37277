import Buffer
import Directory
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WireJSON

/// Taking in events: what comes in is in the queue as it was sent, and 202 is said only then.
@Suite struct EventsTests {
    @Test func anEventIsQueuedForItsApp() throws {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()

        let response = fixture.enqueue(
            #"{"event":"issue.created","data":{"b":1e400,"a":["ü",null]},"project":"web","#
                + #""actor":{"name":"Ann","type":"user","id":7}}"#, token: token)

        #expect(response.status == 202)
        #expect(response.text == #"{"id":"00000000000000000000000000000001"}"#)
        #expect(response.header("Allow") == "POST, OPTIONS")
        let entry = try #require(fixture.queue.entries.first)
        #expect(fixture.queue.entries.count == 1)
        #expect(entry.id == HandlersFixture.eventID(1))
        #expect(entry.appID == 10 && entry.event == "issue.created" && entry.attempt == 1)
        #expect(
            entry.enqueuedAt == HandlersFixture.now && entry.dueAt == HandlersFixture.now && entry.originalID == nil)
        #expect(
            String(decoding: entry.payload, as: UTF8.self)
                == #"{"event":"issue.created","installation":"installation-1","project_id":5,"#
                + #""data":{"b":1e400,"a":["\u00fc",null]},"actor":{"type":"user","id":7,"name":"Ann"}}"#)
    }

    /// What no `String` can hold and no parser's tree keeps is passed on, too.
    @Test func dataAndActorStayAsTheyAreWritten() throws {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        let data = #"{"\ud800":1,"\udfff":[1.50,1E5,-0],"a":"\u0041\/","a":"\ud83d"}"#
        let name = #""\udc00n""#

        _ = fixture.enqueue(
            #"{"data": \#(data.replacing(",", with: " ,\n")), "event": "issue.created", "#
                + #""actor": {"name": \#(name), "id": 7, "type": "user"}}"#, token: token)

        let entry = try #require(fixture.queue.entries.first)
        #expect(
            String(decoding: entry.payload, as: UTF8.self)
                == #"{"event":"issue.created","installation":"installation-1","data":\#(data),"#
                + #""actor":{"type":"user","id":7,"name":\#(name)}}"#)
        #expect(QueuedEvent(bytes: entry.payload)?.bytes == entry.payload)
    }

    @Test(arguments: ["", #","actor":null,"project":null"#])
    func theActorAndTheProjectMayBeLeftOut(_ members: String) {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()

        let response = fixture.enqueue(#"{"event":"issue.created","data":{}\#(members)}"#, token: token)

        #expect(response.status == 202)
        let queued = fixture.queue.entries.first.flatMap { QueuedEvent(bytes: $0.payload) }
        #expect(
            queued
                == QueuedEvent(
                    event: "issue.created", installationUUID: HandlersFixture.installation, data: .object([])))
    }

    @Test(arguments: [(#""web""#, 5), ("5", 5), (#""5""#, 5)])
    func aProjectIsNamedByItsSlugOrItsID(_ name: String, _ id: Int64) {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()

        _ = fixture.enqueue(#"{"event":"issue.created","data":{},"project":\#(name)}"#, token: token)

        #expect(fixture.queue.entries.first.flatMap { QueuedEvent(bytes: $0.payload) }?.projectID == id)
    }

    @Test func subscriptionsAreNotCheckedHere() {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        fixture.directory.apps[0].disablement = SentryApp.Disablement(
            date: HandlersFixture.now, reason: "broken", events: [])
        fixture.directory.installations[0].status = .pending

        #expect(fixture.enqueue(token: token).status == 202)
    }

    @Test func aRepetitionWithTheSameKeyHasTheFirstID() {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()

        let first = fixture.enqueue(token: token, key: "once")
        let other = fixture.enqueue(token: token, installation: "installation-2", key: "once")
        let again = fixture.enqueue(#"{"event":"issue.resolved","data":{}}"#, token: token, key: "once")

        #expect([first, other, again].map(\.status) == [202, 202, 202])
        #expect(again.text == first.text)
        #expect(other.text != first.text, "another installation's keys are its own")
        #expect(fixture.queue.entries.count == 2)
    }

    @Test(arguments: ["", "é", "a\u{1}", String(repeating: "k", count: 256)])
    func anInvalidIdempotencyKeyIsReported(_ key: String) {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()

        let response = fixture.enqueue(token: token, key: key)

        #expect(response.status == 400)
        #expect(response.text == #"{"Idempotency-Key":["Must be 1 to 255 printable characters of ASCII."]}"#)
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func aFullQueueIs503AndNamesTheQueue() {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        fixture.queue.bound = 1

        let responses = [fixture.enqueue(token: token), fixture.enqueue(token: token)]

        #expect(responses.map(\.status) == [202, 503])
        #expect(responses[1].detail == #"The queue "events" is full. Try again in a few seconds."#)
        #expect(responses[1].header("Retry-After") == "5")
        #expect(responses[1].failure == "queue events is full: 1 of at most 1")
    }

    @Test(arguments: [
        (RedisError.timedOut(server: "s", milliseconds: 5), true), (.connectionLost(server: "s", reason: "r"), true),
        (.unexpectedReply("x"), true), (.unreachable(server: "s", reason: "r"), false),
        (.refused(key: nil, message: "OOM"), false),
    ])
    func anUnavailableQueueIs503AndTheMessageSaysWhatIsKnown(_ error: RedisError, _ isUnknown: Bool) {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        fixture.queue.failure = error

        let response = fixture.enqueue(token: token)

        #expect(response.status == 503)
        #expect(response.header("Retry-After") == "5")
        #expect(response.failure == error.description)
        #expect(response.detail?.contains("not known whether") == isUnknown)
        #expect(response.detail?.contains("Idempotency-Key") == isUnknown)
    }

    @Test func aBodyAtTheLimitIsTakenAndAByteMoreIs413() {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        fixture.eventLimits.maximumEventBytes = HandlersFixture.event.utf8.count

        let atTheLimit = fixture.enqueue(token: token)
        let above = fixture.enqueue(HandlersFixture.event + " ", token: token)
        fixture.eventLimits = EventLimits()
        fixture.queue.maximumPayloadBytes = 10
        let inTheQueue = fixture.enqueue(token: token)

        #expect([atTheLimit, above, inTheQueue].map(\.status) == [202, 413, 413])
        #expect(above.detail == "The request body has 54 bytes: the limit is 53 bytes.")
        #expect(inTheQueue.detail?.hasSuffix("bytes in the queue: the limit is 10 bytes.") == true)
        #expect(fixture.queue.entries.count == 1)
    }

    @Test func aDirectoryThatFailsIs503() {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        fixture.directory.failure = .unavailable(location: "x", reason: "y")

        #expect(fixture.enqueue(token: token).status == 503)
    }
}
