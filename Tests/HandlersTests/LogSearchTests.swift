import Buffer
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// `webhook-requests/?search=`: rows that contain a text in what the log, or the payload archive, has of them.
@Suite struct LogSearchTests {
    private let fixture = HandlersFixture()
    private let path = "pub-app/webhook-requests/"

    /// Stores a row of a second and returns its date.
    @discardableResult
    private func store(_ second: Int, _ code: Int = 200, event: String = "issue.created", _ fields: String = "")
        -> Timestamp
    {
        let date = HandlersFixture.now.adding(seconds: Int64(second - 100))
        fixture.store(code, event: event, date: date.pythonDescription, fields: fields)
        return date
    }

    /// An event's id.
    private func id(_ number: Int) -> String { String(repeating: "a", count: 28) + "\(1000 + number)" }

    /// Stores a row of an event whose payload is kept.
    private func storeKept(_ number: Int, data: String) -> Timestamp {
        let event = QueuedEvent(
            event: "issue.created", installationUUID: HandlersFixture.installation, projectID: 5,
            data: .object([.init(name: "title", value: .string(data))]))
        fixture.keep(event.bytes, id: id(number))
        return store(number, 200, #","request_id":"\#(id(number))""#)
    }

    /// The seconds of the rows that a search finds, newest first.
    private func found(_ text: String, _ query: String = "") -> [Int64] {
        let response = fixture.get(path, "search=\(text)\(query)")
        #expect(response.status == 200, "\(response.text)")
        return (response.json?.elements ?? []).compactMap { row in
            row["date"].string.flatMap(Timestamp.init(parsing:)).map {
                ($0.microseconds - HandlersFixture.now.microseconds) / 1_000_000 + 100
            }
        }
    }

    @Test func whatTheLogHasOfARowIsSearched() {
        store(
            1, 500,
            #","request_headers":{"X-Trace":"abc"},"response_body":"so Sorry","request_body":"\"{\\\"a\\\": 7}\"""#)
        store(2, 200, #","request_id":"\#(id(2))","original_id":"\#(id(9))""#)
        store(3, 0, event: "issue.assigned", #","reason":"timeout","reason_detail":"no answer""#)
        store(4, 404, #","project_id":77,"error_id":"e77""#)

        #expect(found("sorry") == [1])
        #expect(found("x-trace") == [1] && found("ABC") == [1])
        #expect(found("%22a%22:%207") == [1])
        #expect(found(id(2)) == [2] && found(id(9)) == [2])
        #expect(found("no%20answer") == [3] && found("assigned") == [3])
        #expect(found("e77") == [4] && found("404") == [4] && found("40") == [])
        #expect(found("hook.test") == [4, 3, 2, 1])
        #expect(found("%C3%BCml%C3%A4ut") == [4, 3, 2, 1] && found("nothing%20of%20this") == [])
        // Neither names of fields nor punctuation are content.
        #expect(found("response_code") == [] && found("%22%7D") == [])
        #expect(found("hook.test", "&errorsOnly=true") == [4, 3, 1])
        #expect(found("hook.test", "&eventType=issue.assigned") == [3])
    }

    @Test func payloadsAndDetailsOfAttemptsAreSearched() {
        _ = storeKept(1, data: "Lost in Zürich")
        let date = storeKept(2, data: "other")
        store(3, 500, #","request_id":"\#(id(2))""#)
        fixture.payloads.attempts[id(2)] = [
            AttemptDetails(
                attempt: 1, date: date, url: "https://hook.test/in", code: 200,
                requestHeaders: HeaderList([("Sentry-Hook-Resource", "issue")]),
                response: .init(
                    status: 200, headers: HeaderList([("Server", "teapot")]), body: Array(#"{"ok":"gr\u00fcn"}"#.utf8)))
        ]

        #expect(found("z%C3%BCrich") == [1])
        #expect(found("OTHER") == [3, 2], "the payload belongs to each attempt")
        #expect(found("teapot") == [2] && found("gr%C3%BCn") == [2] && found("hook-resource") == [2])
        #expect(found("installation-1") == [3, 2, 1], "the body as it is sent")
    }

    @Test func allRowsThatAreKeptAreSearchedAndMatchesArePaged() throws {
        for second in 1...90 { store(second, event: "issue.created") }
        for second in 91...180 { store(second, event: "issue.resolved") }
        store(0, 500, #","response_body":"needle""#)

        #expect(found("needle") == [0])
        #expect(fixture.get(path).json?.elements.count == 100)
        let first = fixture.get(path, "search=hook.test")
        #expect(first.json?.elements.count == 100)
        let link = try #require(first.header("Link"))
        #expect(link.contains("search=hook.test&cursor=0:100:0>; rel=\"next\"; results=\"true\""))
        #expect(found("hook.test", "&per_page=100&cursor=0:100:0").count == 81)
    }

    @Test func aSearchIsLimitedToTheNewestPayloads() {
        let large = String(repeating: "x", count: LogSearch.maximumBytes / 2)
        _ = storeKept(1, data: "needle")
        store(2, 500, #","request_id":"\#(id(1))","response_body":"needle""#)
        for number in 3...5 { _ = storeKept(number, data: large) }

        let response = fixture.get(path, "search=needle")

        #expect(response.header("Hookline-Partly-Searched") == "2")
        #expect(found("needle") == [2], "what the log has is always searched")
        #expect(fixture.get(path, "search=hook.test").header("Hookline-Partly-Searched") == nil)
    }

    @Test func payloadsOfOtherAppsAreNotSearched() {
        fixture.keep(id: id(1), appID: 11)
        store(1, 200, #","request_id":"\#(id(1))""#)

        #expect(found("installation-1") == [])
    }

    @Test func payloadsThatAreNotKeptAreNotRead() {
        var fixture = fixture
        fixture.eventLimits.payloadSeconds = 0
        fixture.payloads.failure = .connectionLost(server: "test", reason: "gone")
        fixture.store(200, fields: #","request_id":"\#(id(1))""#)

        #expect(fixture.get(path, "search=x").text == "[]")
    }

    @Test func aSearchWithoutTheArchiveFails() {
        store(1, 200, #","request_id":"\#(id(1))""#)
        fixture.payloads.failure = .connectionLost(server: "test", reason: "gone")

        #expect(fixture.get(path, "search=x").status == 503)
        #expect(found("hook.test") == [1], "nothing has to be read for it")
    }

    @Test func textsThatAreNotSearchedForAreRejected() {
        let long = String(repeating: "%C3%BC", count: SearchText.maximumLength)
        #expect(fixture.get(path, "search=\(long)").status == 200)
        let tooLong = fixture.get(path, "search=a\(long)")
        #expect(tooLong.status == 400)
        #expect(tooLong.text == #"{"search":["Ensure this field has no more than 200 characters."]}"#)
        #expect(
            fixture.get(path, "search=a%00").text == #"{"search":["Null characters are not allowed."]}"#)
        store(1)
        #expect(found("%20%20") == [1], "a blank text is no search")
    }
}
