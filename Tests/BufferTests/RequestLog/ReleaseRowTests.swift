import Model
import TestSupport
import Testing
import WireJSON

@testable import Buffer

/// Rows as the releases from 23.7 to 26.9 write them (docs/protocol.md 1.4 to 1.6). The number in a name is that of the
/// fact in docs/protocol.md 11.1.
@Suite struct ReleaseRowTests {
    private let before = ProtocolRules(ProtocolRelease.known.lowerBound)
    private let newest = ProtocolRules(ProtocolRelease.known.upperBound)

    /// A failure with everything that a row can have.
    private func record(code: Int = 502) throws -> WebhookRequestRecord {
        var record = WebhookRequestRecord(
            date: try #require(Timestamp(parsing: "2026-09-20 12:00:00.123456+00:00")), event: "issue.created",
            appID: 1,
            responseCode: code, webhookURL: "https://app.example.com/hook",
            requestHeaders: [("Content-Type", "application/json"), ("Request-ID", "aa")],
            responseBody: Array(#"{"a": 1}"#.utf8), requestBody: #"{"action":"created"}"#, organizationID: 5,
            errorID: "ee", projectID: .text("7"), requestID: "aa", attempt: 2, durationMilliseconds: 34,
            reason: nil, originalID: "bb")
        record.idempotencyKey = "kk"
        record.subject = WebhookSubject(type: "group", id: "123")
        return record
    }

    private func written(_ record: WebhookRequestRecord, _ rules: ProtocolRules) -> WebhookRequestRecord {
        var record = record
        record.rules = rules
        return record
    }

    private func text(_ record: WebhookRequestRecord, _ rules: ProtocolRules) -> String {
        String(decoding: written(record, rules).json(), as: UTF8.self)
    }

    @Test func fact22From26Dot9TheFieldsHaveTheOriginalsOrderAndOursAreBehindThem() throws {
        #expect(
            try text(record(), newest)
                == #"{"date":"2026-09-20 12:00:00.123456+00:00","response_code":502,"#
                + #""webhook_url":"https://app.example.com/hook","request_id":"aa","idempotency_key":"kk","#
                + #""subject_id":"123","subject_type":"group","duration_ms":34,"#
                + #""request_headers":{"Content-Type":"application/json","Request-ID":"aa"},"#
                + #""response_body":"{\"a\": 1}","request_body":"{\"action\":\"created\"}","organization_id":5,"#
                + #""error_id":"ee","project_id":7,"attempt":2,"original_id":"bb"}"#)
    }

    @Test func fact22Before26Dot9TheRowIsThatOf23Dot7() throws {
        let earlier = ProtocolRules(try ProtocolRelease(parsing: "26.8"))

        #expect(try text(record(), earlier) == text(record(), before))
        #expect(
            try text(record(), before)
                == #"{"date":"2026-09-20 12:00:00.123456+00:00","response_code":502,"#
                + #""webhook_url":"https://app.example.com/hook","#
                + #""request_headers":{"Content-Type":"application/json","Request-ID":"aa"},"#
                + #""response_body":"\"{\\\"a\\\": 1}\"","request_body":"\"{\\\"action\\\":\\\"created\\\"}\"","#
                + #""organization_id":5,"error_id":"ee","project_id":"7","request_id":"aa","attempt":2,"#
                + #""duration_ms":34,"original_id":"bb"}"#)
    }

    @Test func fact22WhatHasNoValueIsAbsent() throws {
        let record = WebhookRequestRecord(
            date: Timestamp(seconds: 1_700_000_000), event: "issue.created", appID: 1, responseCode: 200,
            webhookURL: "u")

        #expect(
            text(record, newest)
                == #"{"date":"2023-11-14 22:13:20+00:00","response_code":200,"webhook_url":"u"}"#)
    }

    @Test(
        arguments: [("7", "7"), ("0", "0"), ("007", "7"), ("web", nil), ("", nil), ("-7", nil), ("٧", nil)]
            as [(String, String?)])
    func fact22TheProjectCountsOnlyAsANumber(header: String, stored: String?) throws {
        var record = try record()
        record.projectID = .text(header)

        let row = text(record, newest)
        #expect(row.contains(#""error_id""#) == (stored != nil))
        #expect(row.contains(#""project_id""#) == (stored != nil))
        if let stored { #expect(row.contains(#""error_id":"ee","project_id":\#(stored),"#)) }
    }

    @Test(arguments: [0, -1])
    func fact23WithoutAResponseThereAreHeadersAndNoBodies(code: Int) throws {
        for release in [before, newest] {
            let row = try text(record(code: code), release)

            #expect(row.contains(#""request_headers""#))
            #expect(!row.contains("_body"))
        }
    }

    @Test(arguments: [
        (-1, true), (0, true), (200, false), (302, false), (399, false), (400, true), (599, true), (600, false),
        (-2, false),
    ])
    func fact23ConnectionErrorsAreInTheListOfErrors(code: Int, isError: Bool) throws {
        #expect(try record(code: code).isError == isError)
    }

    @Test func fact24PlainBodiesAreTruncatedAfter1024CharactersWhateverTheirBytes() {
        let long = String(repeating: "é", count: 1030)

        #expect(StoredBody.plain(Array(long.utf8)) == String(repeating: "é", count: 1024))
        #expect(StoredBody.plain(long).unicodeScalars.count == 1024)
        #expect(StoredBody.plain(String(repeating: "\u{1F600}", count: 2000)).unicodeScalars.count == 1024)
        // A character is a code point: a mark behind its letter is one, too.
        #expect(StoredBody.plain(String(repeating: "e\u{301}", count: 1000)).unicodeScalars.count == 1024)
        #expect(StoredBody.plain(Array(#"{"a": 1}"#.utf8)) == #"{"a": 1}"#)
        #expect(StoredBody.plain([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
        #expect(StoredBody.plain([]) == "")
    }

    /// All that releases before 26.9 encode is found; what only looks like it is the documented exception.
    @Test(arguments: [
        #"{"a": 1}"#, "[]", "NaN", "-1.5e3", "null", #""ok""#, #""{}""#, "\u{FEFF}[1]", " \u{FEFF} 1\n",
        #"{"text":"é 😀 \\ \" \u0001"}"#,
    ])
    func fact24WhatWasEncodedTwiceIsFoundByItsForm(body: String) {
        let stored = StoredBody.response(Array(body.utf8))

        #expect(stored != body)
        #expect(decoded(stored) == body)
        #expect(decoded(StoredBody.request(body)) == body)
    }

    @Test(arguments: [
        "Bad Request", "", "\"", "\"unfinished", #""no JSON inside""#, "é", "\"é\"", #"{"a": 1}"#, "\"1\" ",
    ])
    func fact24ATextThatWasNotEncodedStaysAsItIs(body: String) {
        #expect(decoded(body) == nil)
    }

    @Test(arguments: ["x", #"\\"#, #"\""#, "\u{7F}", "é", "😀", #"\u00e9"#])
    func fact24AnEncodedBodyThatWasTruncatedIsDecodedAsFarAsItGoes(filler: String) throws {
        let body = #"{"a":""# + String(repeating: filler, count: 1200) + #""}"#
        let stored = StoredBody.request(body)
        #expect(stored.utf8.count == 1024)

        let text = try #require(decoded(stored))

        #expect(body.hasPrefix(text))
        // At most one escape, of twelve characters, is lost.
        #expect(StoredBody.request(text).utf8.count >= 1024 - 12)
    }

    @Test func fact24AsLongButNotTheBeginningOfAnEncodedTextItStaysAsItIs() {
        #expect(decoded("\"" + String(repeating: "x", count: 1023)) == nil)
        #expect(decoded("\"{}\"" + String(repeating: "x", count: 1020)) == nil)
    }

    @Test func fact24ARowThatHasItsIdBeforeItsBodiesIsPlainWhateverTheBodyLooksLike() throws {
        var record = try record()
        record.responseBody = Array(#""{}""#.utf8)

        for (rules, expected) in [(newest, nil), (before, #""\"{}\"""#)] as [(ProtocolRules, String?)] {
            var scanner = EntryScanner()
            let bytes = written(record, rules).json()
            let found = scanner.row(of: bytes.span, eventIndex: 0)
            let row = try #require(found)

            #expect(row.hasPlainBodies == (rules == newest))
            let body = WebhookRequestPage.body(row.responseBody, of: row, in: bytes.span).plain
            #expect(body.map { String(decoding: $0, as: UTF8.self) } == expected)
        }
    }

    @Test func fact24OneListHoldsRowsOfBothForms() throws {
        let server = try RedisServer()
        let connection = try server.connection()
        let buffer = WebhookRequestBuffer(connection: connection)
        _ = try buffer.record(written(record(), before))
        _ = try buffer.record(written(record(code: -1), newest))
        _ = try buffer.record(written(record(code: 0), before))

        let page = try buffer.read(WebhookRequestQuery(appID: 1, events: ["issue.created"], errorsOnly: true))

        #expect(page.rows.map(\.responseCode) == [0, -1, 502])
        #expect(page.skippedCount == 0)
        let texts = page.rows.map { row in
            [
                row.requestID, row.idempotencyKey, row.subjectID, row.subjectType, row.durationMilliseconds,
                row.projectID,
            ]
            .map { String(decoding: page.bytes[$0.range], as: UTF8.self) }
        }
        #expect(texts[0] == [#""aa""#, "", "", "", "34", #""7""#])
        #expect(texts[1] == [#""aa""#, #""kk""#, #""123""#, #""group""#, "34", "7"])
    }

    private func decoded(_ stored: String) -> String? {
        var fragment: [UInt8] = []
        JSONText.append(stored, escaping: .ascii, to: &fragment)
        return StoredBody.decoded(fragment)?.text
    }
}
