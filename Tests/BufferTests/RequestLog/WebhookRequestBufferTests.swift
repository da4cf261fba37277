import Model
import TestSupport
import Testing

@testable import Buffer

/// The request log in Redis.
@Suite
struct WebhookRequestBufferTests {
    private let server: RedisServer
    private let buffer: WebhookRequestBuffer
    private let event: EventType = "issue.assigned"

    init() throws {
        server = try RedisServer()
        buffer = WebhookRequestBuffer(connection: try server.connection())
    }

    @Test func onlyAHundredEntriesAreKeptTheNewestFirst() throws {
        for number in 0..<100 { try record(code: 200, organizationID: Int64(number)) }
        let full = try read()
        try record(code: 500, organizationID: 500)
        let after = try read()

        #expect(full.rows.map { full.text($0.organizationID) } == (0..<100).reversed().map(String.init))
        #expect(after.rows.count == 100)
        #expect(after.rows.first?.responseCode == 500)
        #expect(after.rows.last.map { after.text($0.organizationID) } == "1")
    }

    @Test func anErrorsEventAndProjectAreStoredWhenBothAreKnown() throws {
        try record(code: 400) {
            $0.errorID = "d5111da2c28645c5889d072017e3445d"; $0.projectID = .number(1)
        }
        try record(code: 400) { $0.errorID = "d5111da2c28645c5889d072017e3445d" }
        try record(code: 400) { $0.projectID = .text("1") }

        let page = try read()

        #expect(page.rows.map(\.errorID.isPresent) == [false, false, true])
        #expect(page.rows.map(\.projectID.isPresent) == [false, false, true])
        #expect(page.text(page.rows[2].errorID) == #""d5111da2c28645c5889d072017e3445d""#)
        #expect(page.text(page.rows[2].projectID) == "1")
    }

    @Test(arguments: [
        (0, true), (-1, true), (-2, false), (1, false),
        (200, false), (399, false), (400, true), (599, true), (600, false),
    ])
    func codesFrom400To599AndThoseWithoutAResponseAreErrors(code: Int, isError: Bool) throws {
        try record(code: code)

        #expect(try read().rows.map(\.responseCode) == [code])
        #expect(try read(errorsOnly: true).rows.map(\.responseCode) == (isError ? [code] : []))
    }

    @Test func headersAreStoredForErrorsAndBodiesForErrorsWithAResponse() throws {
        for code in [0, 200, 399, 400, 600] {
            try record(code: code) {
                $0.requestHeaders = [("B", "1"), ("A", "2")]
                $0.responseBody = []
                $0.requestBody = ""
            }
        }

        let page = try read()

        #expect(page.rows.map(\.responseCode) == [600, 400, 399, 200, 0])
        #expect(page.rows.map(\.requestHeaders.isPresent) == [true, true, false, false, true])
        #expect(page.rows.map(\.responseBody.isPresent) == [true, true, false, false, false])
        #expect(page.rows.map(\.requestBody.isPresent) == [true, true, false, false, false])
        #expect(page.text(page.rows[0].requestHeaders) == #"{"B":"1","A":"2"}"#)
        #expect(page.text(page.rows[0].responseBody) == #""""#)
        #expect(page.text(page.rows[0].requestBody) == #""\"\"""#)
    }

    @Test func fieldsOfOursComeBehindThoseOfTheOriginal() throws {
        try record(code: 0, organizationID: 7) {
            $0.requestID = "abc"
            $0.attempt = 2
            $0.durationMilliseconds = 5001
            $0.reason = "timeout"
            $0.reasonDetail = String(repeating: "x", count: 400)
            $0.originalID = "def"
        }

        let values = try server.list("sentry-app-webhook-request:{1}:issue.assigned")
        let page = try read()

        let detail = String(repeating: "x", count: 300)
        #expect(values.count == 1)
        #expect(
            values.first?.hasSuffix(
                #","organization_id":7,"request_id":"abc","attempt":2,"duration_ms":5001,"reason":"timeout""#
                    + #","reason_detail":"\#(detail)","original_id":"def"}"#) == true)
        #expect(page.text(page.rows[0].requestID) == #""abc""#)
        #expect(page.text(page.rows[0].attempt) == "2")
        #expect(page.text(page.rows[0].durationMilliseconds) == "5001")
        #expect(page.text(page.rows[0].reason) == #""timeout""#)
        #expect(page.text(page.rows[0].reasonDetail) == "\"\(detail)\"")
        #expect(page.attempts[0].explainedOutcome == "0 (timeout: \(detail))")
        #expect(page.text(page.rows[0].originalID) == #""def""#)
    }

    @Test func anEventThatIsNotInTheCatalogueIsNotWritten() throws {
        let outcome = try buffer.record(
            WebhookRequestRecord(
                date: Timestamp(seconds: 0), event: "issue.unknown", appID: 1, responseCode: 200, webhookURL: ""))

        #expect(outcome == .unknownEvent)
        #expect(try server.integer("DBSIZE") == 0)
    }

    @Test(arguments: try Golden.cases(ofKind: "requests"))
    func everyListOfTheGoldenFilesIsRead(golden: Golden.Case) throws {
        try server.load(golden.redis)

        for key in golden.redis {
            let parts = key.key.split(separator: ":")
            let appID = try #require(Int64(parts[1].dropFirst().dropLast()))
            let page = try buffer.read(
                WebhookRequestQuery(
                    appID: appID, events: [EventType(rawValue: String(parts[2]))],
                    errorsOnly: parts[0].hasSuffix("error")))

            let stored = key.value["values"].elements.compactMap(\.string)
            let usable = stored.filter { text in
                switch (try? GoldenValue(parsing: text))?["response_code"] {
                case .bool, .number: true
                default: false
                }
            }
            #expect(page.text == usable.joined(), "\(key.key)")
            #expect(page.rows.count == usable.count)
            #expect(page.skippedCount == stored.count - usable.count)
            for (row, text) in zip(page.rows, usable) {
                let value = try GoldenValue(parsing: text)
                for (name, fragment) in row.namedFragments {
                    let found = fragment.isPresent ? try GoldenValue(parsing: page.text(fragment)) : nil
                    let expected = value.members.contains { $0.key == name } ? value[name] : nil
                    #expect(found == expected, "\(name) of \(text)")
                }
            }
        }
    }

    @Test func absentListsAreEmptyAndAQueryWithoutEventsSendsNothing() throws {
        let all = EventCatalogue.version26.events

        #expect(try buffer.read(WebhookRequestQuery(appID: 9, events: all)).rows.isEmpty)
        #expect(try buffer.read(WebhookRequestQuery(appID: 9, events: [])).rows.isEmpty)
        #expect(try buffer.read(WebhookRequestQuery(appID: 9, events: all, limit: 0)).rows.isEmpty)
    }

    private func record(
        code: Int, organizationID: Int64? = nil, change: (inout WebhookRequestRecord) -> Void = { _ in }
    ) throws {
        var record = WebhookRequestRecord(
            date: Timestamp(seconds: 1_569_455_694), event: event, appID: 1, responseCode: code,
            webhookURL: "https://hook.example.test", organizationID: organizationID)
        change(&record)
        #expect(try buffer.record(record) == .stored)
    }

    private func read(errorsOnly: Bool = false) throws -> WebhookRequestPage {
        try buffer.read(WebhookRequestQuery(appID: 1, events: [event], errorsOnly: errorsOnly))
    }
}

extension WebhookRequestRow {
    fileprivate var namedFragments: [(String, Fragment)] {
        [
            ("date", dateText), ("response_code", responseCodeText), ("webhook_url", webhookURL),
            ("request_headers", requestHeaders), ("request_body", requestBody), ("response_body", responseBody),
            ("organization_id", organizationID), ("error_id", errorID), ("project_id", projectID),
            ("request_id", requestID), ("attempt", attempt), ("duration_ms", durationMilliseconds), ("reason", reason),
            ("reason_detail", reasonDetail), ("original_id", originalID),
        ]
    }
}

/// The key of a list.
@Suite
struct WebhookRequestKeyTests {
    @Test func theNameOfAListIsReadBackAndNothingElseIsOne() {
        for isErrors in [false, true] {
            let key = WebhookRequestKey(appID: -12, event: "issue.created", isErrors: isErrors)
            #expect(WebhookRequestKey(parsing: Array(key.text.utf8)) == key)
        }
        for text in [
            "", "sentry-app-webhook-request:{1}", "sentry-app-webhook-request:{x}:a", "other:{1}:a",
            "sentry-app-webhook-request:{1:a", "sentry-app-webhook-error:1}:a", "sentry-app-webhook-request:{1}a:b",
        ] {
            #expect(WebhookRequestKey(parsing: Array(text.utf8)) == nil, "\(text)")
        }
        #expect(WebhookRequestKey(parsing: Array("sentry-app-webhook-request:{1}:".utf8) + [0xFF]) == nil)
    }
}
