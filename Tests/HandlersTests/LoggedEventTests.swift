import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules

/// `GET requests/{id}/`: the attempts of one event.
@Suite struct LoggedEventTests {
    private func store(_ fixture: HandlersFixture, _ code: Int, minute: Int, _ fields: String, app: Int64 = 10) {
        fixture.store(code, app: app, date: "2023-07-20 11:0\(minute):00.250000+00:00", fields: fields)
    }

    private func ids(_ response: Response) -> [Int64?] {
        response.json?["attempts"].elements.map { $0["responseCode"].integer } ?? []
    }

    @Test func allAttemptsOfTheEventAreShownNewestFirst() {
        let fixture = HandlersFixture()
        store(fixture, 500, minute: 1, #","request_id":"abc","attempt":1"#)
        store(fixture, 200, minute: 2, #","request_id":"other","attempt":1"#)
        store(fixture, 0, minute: 3, #","request_id":"abc","attempt":2"#)
        store(fixture, 200, minute: 4, #","request_id":"abc","attempt":3"#)

        let response = fixture.get("pub-app/requests/abc/")

        #expect(response.status == 200)
        #expect(response.json?["requestId"].string == "abc")
        // Failures are in two lists.
        #expect(ids(response) == [200, 0, 500])
    }

    @Test(arguments: ["23.7", "25.12", "26.9"])
    func theRowsHaveAllFieldsInEveryRelease(release: String) throws {
        var fixture = HandlersFixture()
        fixture.release = try ProtocolRelease(parsing: release)
        store(
            fixture, 500, minute: 1,
            #","request_body":"\"{}\"","response_body":"no","request_id":"abc","attempt":1,"duration_ms":7"#)

        #expect(
            fixture.get("pub-app/requests/abc/").text
                == #"{"requestId":"abc","state":{"name":"failed","date":"2023-07-20T11:01:00.250000Z","attempt":1,"#
                + #""nextAttempt":null,"reason":"500"},"attempts":[{"webhookUrl":"https://hook.test/in","sentryAppSlug":"pub-app","#
                + #""eventType":"issue.assigned","date":"2023-07-20 11:01:00.250000+00:00","responseCode":500,"#
                + #""requestId":"abc","idempotencyKey":null,"subjectId":null,"subjectType":null,"durationMs":7,"#
                + #""project_id":null,"error_id":null,"request_body":"{}","request_headers":null,"response_body":"no","#
                + #""organization":{"name":"Acme \u2028 Ümläut","id":1,"slug":"acme"},"attempt":1}],"redeliveries":[]}"#
        )
    }

    /// The original has a request id for each attempt.
    @Test func attemptsWithTheSameIdempotencyKeyAreOfTheSameEvent() {
        let fixture = HandlersFixture()
        store(fixture, 500, minute: 1, #","request_id":"one","idempotency_key":"k""#)
        store(fixture, 502, minute: 2, #","request_id":"two","idempotency_key":"k""#)
        store(fixture, 503, minute: 3, #","request_id":"three","idempotency_key":"other""#)
        store(fixture, 504, minute: 4, #","request_id":"four""#)
        store(fixture, 505, minute: 5, #","request_id":"five""#)

        #expect(ids(fixture.get("pub-app/requests/one/")) == [502, 500])
        #expect(ids(fixture.get("pub-app/requests/two/")) == [502, 500])
        #expect(ids(fixture.get("pub-app/requests/four/")) == [504])
        // None is no key.
        for id in ["null", "empty"] {
            let key = id == "null" ? "null" : #""""#
            for number in [1, 2] {
                store(
                    fixture, 500 + number, minute: number,
                    #","request_id":"\#(id)\#(number)","idempotency_key":\#(key)"#)
            }
            #expect(ids(fixture.get("pub-app/requests/\(id)1/")) == [501])
        }
    }

    /// Of encoded bodies the log has 1024 characters of the encoded text, of others 1024 bytes or, from 26.9 on,
    /// characters.
    @Test func bodiesOfWhichTheLogHasOnlyTheBeginningAreNamed() {
        let fixture = HandlersFixture()
        let encoded = #""\"{\\\"a\\\":\\\""# + String(repeating: "x", count: 1024 - 10)
        let (bytes, characters) = (String(repeating: "é", count: 512), String(repeating: "é", count: 1024))
        for (minute, fields) in [
            #""request_body":\#(encoded)","response_body":"\#(bytes)""#,
            #""request_id":"abc","duration_ms":1,"request_body":"{}","response_body":"\#(bytes)""#,
            #""request_id":"abc","duration_ms":1,"request_body":"{}","response_body":"\#(characters)""#,
            #""request_body":"\"{}\"","response_body":"no""#,
        ].enumerated() {
            let isNew = fields.hasPrefix(#""request_id""#)
            store(fixture, 500, minute: minute + 1, "," + fields + (isNew ? "" : #","request_id":"abc""#))
        }

        let attempts = fixture.get("pub-app/requests/abc/").json?["attempts"].elements ?? []

        #expect(
            attempts.map { $0["truncated"].elements.compactMap(\.string) }
                == [[], ["response_body"], [], ["request_body", "response_body"]])
        #expect(attempts.map { $0.members.contains { $0.key == "truncated" } } == [false, true, false, true])
    }

    @Test func anIdThatTheLogOfTheAppDoesNotHaveIs404() {
        let fixture = HandlersFixture()
        store(fixture, 500, minute: 1, #","request_id":"abc""#, app: 11)
        store(fixture, 500, minute: 2, "")

        for id in ["abc", "ABC", "%22", "abc%22", "null", "\u{1F600}"] {
            let response = fixture.get("pub-app/requests/\(id)/")
            #expect(response.status == 404)
            #expect(response.detail == "Nothing of this event is stored.")
        }
        #expect(fixture.get("draft-app/requests/abc/").status == 200)
    }

    @Test func anEventThatIsOnlyInTheQueueHasAStateAndNoAttempts() {
        var fixture = HandlersFixture()
        let places = MemoryPlaces()
        fixture.state.places = places
        let entry = QueueEntry(
            id: HandlersFixture.kept, appID: 10, event: "issue.created", enqueuedAt: HandlersFixture.now, payload: [],
            dueAt: HandlersFixture.now.adding(seconds: 60))
        places.places[HandlersFixture.kept] = .scheduled(entry)

        let response = fixture.get("pub-app/requests/\(HandlersFixture.kept)/")

        #expect(
            response.text
                == #"{"requestId":"\#(HandlersFixture.kept)","state":{"name":"scheduled","#
                + #""date":"2023-07-20T12:00:00.500000Z","attempt":1,"nextAttempt":"2023-07-20T12:01:00.500000Z","#
                + #""reason":null},"attempts":[],"redeliveries":[]}"#)
        // The queue is asked for events of this app.
        #expect(fixture.get("draft-app/requests/\(HandlersFixture.kept)/").status == 404)
        #expect(fixture.get("pub-app/requests/\(HandlersFixture.kept)/", as: HandlersFixture.outsider).status == 403)
    }

    @Test func theQueueKnowsBetterThanTheLogWhatBecomesOfAnEvent() {
        var fixture = HandlersFixture()
        let places = MemoryPlaces()
        fixture.state.places = places
        store(fixture, 503, minute: 1, #","request_id":"abc","attempt":1"#)
        let name = { fixture.get("pub-app/requests/abc/").json?["state"]["name"].string }

        #expect(name() == "failed")
        places.places["abc"] = .dropped(DropNote(date: HandlersFixture.now, attempt: 2, reason: "disabled"))
        #expect(name() == "dropped")
        places.places = [:]
        places.isComplete = false
        #expect(name() == "unknown")
        store(fixture, 200, minute: 2, #","request_id":"abc","attempt":2"#)
        #expect(name() == "delivered")
        places.failure = .timedOut(server: "s", milliseconds: 1)
        #expect(fixture.get("pub-app/requests/abc/").status == 503)
    }

    @Test(
        arguments: [
            (HandlersFixture.owner, 200), (HandlersFixture.member, 200), (HandlersFixture.superuser, 200),
            (HandlersFixture.outsider, 403), ("loner@nowhere.test", 403),
        ], ["23.7", "26.8", "26.9"])
    func whoMayReadTheLogMayReadIt(user: (name: String, status: Int), release: String) throws {
        var fixture = HandlersFixture()
        fixture.release = try ProtocolRelease(parsing: release)
        store(fixture, 500, minute: 1, #","request_id":"abc""#)
        // From 26.9 on members may not.
        let status = release == "26.9" && user.name == HandlersFixture.member ? 403 : user.status

        #expect(fixture.get("pub-app/requests/abc/", as: user.name).status == status)
        #expect(fixture.get("pub-app/webhook-requests/", as: user.name).status == status)
        #expect(fixture.get("pub-app/requests/abc/", as: nil).status == 401)
        #expect(fixture.post("pub-app/requests/abc/", "{}").status == 405)
    }
}
