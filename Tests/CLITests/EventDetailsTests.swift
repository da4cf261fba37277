import Foundation
import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

/// `hookline event show --details`
@Suite
struct EventDetailsTests {
    private let fixture: StoredEventFixture
    private let id = String(repeating: "1", count: 32)
    private let redeliveryID = String(repeating: "2", count: 32)
    private var runner: CommandRunner { fixture.runner }
    private let date = Timestamp(microseconds: 1_767_323_045_500_000)

    init() throws {
        fixture = try StoredEventFixture()
    }

    private func details(_ attempt: Int, _ response: AttemptDetails.Response?) -> AttemptDetails {
        AttemptDetails(
            attempt: attempt, date: date.adding(seconds: Int64(attempt)), url: "https://example.com/r",
            code: response?.status ?? 0, reason: response == nil ? "timeout" : nil,
            requestHeaders: HeaderList([("Request-ID", id)]), response: response)
    }

    private func store() throws {
        let archive = PayloadArchive(connection: try fixture.base.connection())
        let queued = QueuedEvent(
            event: "issue.created", installationUUID: CommandFixture.installation, data: .object([]))
        let event = ArchivedEvent(
            id: id, appID: 1, event: "issue.created", enqueuedAt: fixture.start, payload: queued.bytes)
        let response = AttemptDetails.Response(
            status: 200, headers: HeaderList([("Server", "a\u{1B}[2J")]), body: Array("fine".utf8), isBodyCut: true)
        let attempts = [details(1, nil), details(2, response)]
        for (index, attempt) in attempts.enumerated() {
            let entry = ArchiveEntry(event: event, isError: false, isNew: index == 0, details: attempt)
            try archive.store([entry], now: .now())
        }
        var redelivery = event
        redelivery.id = redeliveryID
        try archive.store(
            [ArchiveEntry(event: redelivery, isError: false, isNew: true, originalID: id)], now: .now())
    }

    @Test func requestsAndResponsesAreShown() throws {
        try store()

        let text = try runner.hookline("event", "show", id, "--app", "radar", "--details").output

        let start = try #require(text.range(of: "Attempt 2, "))
        #expect(
            text[start.lowerBound...] == """
                Attempt 2, 2026-01-02T03:04:07Z: POST https://example.com/r
                  Request-ID: \(id)

                {"action":"created","installation":{"uuid":"\(CommandFixture.installation)"},"data":{},\
                "actor":{"type":"application","id":"sentry","name":"Sentry"}}

                Response: 200
                  Server: a\\u001b[2J

                fine
                (the rest of the body is not kept)


                Attempt 1, 2026-01-02T03:04:06Z: POST https://example.com/r
                  Request-ID: \(id)

                {"action":"created","installation":{"uuid":"\(CommandFixture.installation)"},"data":{},\
                "actor":{"type":"application","id":"sentry","name":"Sentry"}}

                No response: timeout

                REDELIVERY                        TIME
                \(redeliveryID)  \(fixture.start.iso8601Description)

                """)
        #expect(try !runner.hookline("event", "show", id, "--app", "radar").output.contains("Attempt 2"))
    }

    @Test func theJSONHasTheSameFieldsAsTheAPI() throws {
        try store()
        let row =
            #"{"date":"\#(date.adding(seconds: 2).pythonDescription)","response_code":200,"#
            + #""webhook_url":"https://example.com/r","request_id":"\#(id)","attempt":2}"#
        try fixture.base.redis.push([row], to: "sentry-app-webhook-request:{1}:issue.created")

        let json = try JSONValue(
            parsing: runner.hookline("event", "show", id, "--app", "radar", "--details", "--json").output)

        guard case .array(let attempts)? = json["attempts"] else { throw TestSupportError("no attempts") }
        #expect(attempts.map { $0["attempt"]?.integer } == [2, 1])
        #expect(attempts.map { $0["response"]?["status"]?.integer } == [200, nil])
        #expect(attempts[0]["response"]?["body"]?.string == "fine")
        #expect(attempts[0]["response"]?["bodyTruncated"] == .bool(true))
        #expect(attempts[1]["response"] == .null && attempts[1]["reason"]?.string == "timeout")
        #expect(attempts.allSatisfy { $0["request"]?["body"]?.string?.hasPrefix(#"{"action":"created""#) == true })
        #expect(
            json["redeliveries"]
                == .array([
                    .object([
                        .init(name: "id", value: .string(redeliveryID)),
                        .init(name: "date", value: .string(fixture.start.pythonDescription)),
                    ])
                ]))
        let plain = try JSONValue(parsing: runner.hookline("event", "show", id, "--app", "radar", "--json").output)
        #expect(plain["redeliveries"] == nil)
    }

    @Test func whereNothingIsKeptThatIsSaid() throws {
        try fixture.store(1, app: 1)

        let text = try runner.hookline("event", "show", "e1", "--app", "radar", "--details").output

        #expect(text.hasSuffix("No details of attempts are kept.\n"))
    }
}
