import Directory
import Management
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

/// The fields of an app that delivery uses, in a directory document.
@Suite struct DeliveryFieldsTests {
    private func result(_ fields: String) throws -> Result<DirectoryDocument, DocumentFailure> {
        DirectoryDocumentReader.read(
            try JSONValue(parsing: #"{"apps": [{"id": 1, "slug": "s", "owner_id": 1, \#(fields)}]}"#))
    }

    private func problems(_ fields: String) throws -> [String] {
        switch try result(fields) {
        case .success: []
        case .failure(let failure): failure.problems.map(\.description)
        }
    }

    private func problems(ofHeaders headers: [String]) throws -> [String] {
        try problems(#""webhook_headers": "# + JSONValue.array(headers.map(JSONValue.string)).compactText)
    }

    @Test func headersTimeOutAndDisabledStateAreReadAndWrittenAsTheyWereRead() throws {
        let document = try result(
            #"""
            "webhook_headers": ["X-B:  two words ", "x-a: a:b"], "webhook_timeout_ms": 600000,
            "disabled": {"date": "2024-01-31T12:00:00Z", "reason": "broken", "events": ["issue"]}
            """#
        ).get()

        let app = document.apps[0].app
        #expect(app.customHeaders.map(\.exposedText) == ["X-B: two words", "x-a: a:b"])
        #expect(app.webhookTimeoutMilliseconds == 600_000)
        #expect(app.disablement?.reason == "broken")
        #expect(app.disablement?.events == ["issue"])
        let again = DirectoryDocumentReader.read(try DirectoryDocumentWriter.json(document))
        #expect(try again.get() == document)
    }

    @Test(arguments: [
        "Content-Type", "REQUEST-ID", "sentry-hook-signature", "Sentry-Hook-X", "webhook-id",
        "Hookline-Original-ID",
        "host", "Content-Length", "Transfer-Encoding", "Connection", "Proxy-Authorization", "Expect", "te",
    ])
    func namesThatBelongToTheMessageOrToHooklineAreRefusedHoweverTheyAreWritten(name: String) throws {
        #expect(
            try problems(ofHeaders: ["X-Fine: 1", "\(name): x"]) == [
                "apps[0].webhook_headers[1]: \(name) is reserved: Hookline sets it"
            ])
    }

    @Test(arguments: [
        ("hush", "must be a name, a colon and a value"), (": hush", "must have a name of letters"),
        ("X A: hush", "must have a name of letters"), ("X\u{E9}: hush", "must have a name of letters"),
        ("X-A: ", "X-A has no value"),
        ("X-A: hush\r\nX-B: hush", "the value of X-A has a control character"),
        ("X-A: hush\u{0}", "must not contain the zero character"),
        ("X-A: hush\u{85}hush", "the value of X-A has a control character"),
        (String(repeating: "n", count: 129) + ": hush", "has a name longer than 128 bytes"),
        ("X-A: hush" + String(repeating: "v", count: 4093), "the value of X-A is longer than 4096 bytes"),
    ])
    func malformedHeadersAreNamedByTheirPlaceAndNeverTheirValue(header: String, message: String) throws {
        let problems = try problems(ofHeaders: [header])

        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("apps[0].webhook_headers[0]: \(message)") == true, "\(problems)")
        #expect(problems.first?.contains("hush") == false)
    }

    @Test func asManyAndAsLongHeadersAsAllowedAreTakenOneMoreIsNot() throws {
        let twenty = (1...20).map { "X-\($0): v" }
        // Two headers of a name of 128 and a value of 3968 bytes are 8192 bytes.
        let large = ["a", "b"].map { String(repeating: $0, count: 128) + ": " + String(repeating: "v", count: 3968) }

        #expect(try problems(ofHeaders: twenty).isEmpty)
        #expect(
            try problems(ofHeaders: twenty + ["X-21: v"])
                == ["apps[0].webhook_headers: has 21 headers, the maximum is 20"])
        #expect(try problems(ofHeaders: large).isEmpty)
        #expect(
            try problems(ofHeaders: [large[0], large[1] + "v"])
                == ["apps[0].webhook_headers: has 8193 bytes, the maximum is 8192"])
        #expect(
            try problems(ofHeaders: ["X-A: 1", "x-a: 2"]) == ["apps[0].webhook_headers[1]: x-a is repeated"])
    }

    @Test(arguments: [("0", false), ("1", true), ("600000", true), ("600001", false), ("1.5", false), ("\"5\"", false)])
    func aTimeOutIsANumberOfMillisecondsWithinBounds(text: String, isFine: Bool) throws {
        #expect(try problems(#""webhook_timeout_ms": \#(text)"#).isEmpty == isFine)
    }

    @Test func anAppIsEnabledExpresslyOrItsRowLeavesThatOpenBothAreWrittenAsTheyWereRead() throws {
        let documents = try [#""disabled": false, "events": ["issue"]"#, #""disabled": null"#, #""name": "x""#].map {
            try result($0).get()
        }

        #expect(documents.map { $0.apps[0].keepsDisablement } == [false, true, true])
        #expect(documents.map { $0.apps[0].app.disablement } == [nil, nil, nil])
        for document in documents {
            let json = try DirectoryDocumentWriter.json(document)
            #expect(try DirectoryDocumentReader.read(json).get() == document)
        }
    }

    @Test func aDisabledAppHasADateAndNoEventsOfItsOwn() throws {
        #expect(try problems(#""disabled": {}"#) == ["apps[0].disabled.date: is required"])
        #expect(
            try problems(#""disabled": {"date": "2024-01-31", "why": "x"}"#).contains(
                "apps[0].disabled.why: unknown field"))
        #expect(
            try problems(#""events": ["issue"], "disabled": {"date": "2024-01-31T12:00:00Z"}"#) == [
                "apps[0].events: must be empty while the app is disabled: use disabled.events"
            ])
        #expect(try problems(#""disabled": true"#) == ["apps[0].disabled: must be an object, not a boolean"])
    }
}
