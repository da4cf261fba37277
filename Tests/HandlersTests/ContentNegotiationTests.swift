import TestSupport
import Testing

@testable import Handlers

/// What `Accept` and `?format=` choose (docs/protocol.md 2.5 and 2.7).
@Suite struct ContentNegotiationTests {
    @Test(
        arguments: [
            (nil, 0), ("*/*", 0), ("application/*", 0), ("application/json", 0), ("Application/JSON; charset=utf-8", 0),
            ("text/html, application/json", 0), ("text/html,*/*;q=0.1", 0), ("application/json; indent=4", 4),
            ("application/json;indent=1", 1), ("application/json; indent=8", 8), ("application/json; indent=9", 8),
            ("application/json; indent=0", 0), ("application/json; indent=-1", 0), ("application/json; indent=x", 0),
            ("application/json; indent=\"2\"", 2), ("*/*; indent=3", 3),
            ("application/json, application/json; indent=4", 4),
            ("application/json; indent=4, */*", 4), ("application/json; INDENT=4", 4),
        ] as [(String?, Int)])
    func theIndentationAskedFor(_ accept: String?, _ indent: Int) throws {
        #expect(try ContentNegotiation.indent(accept: accept, format: nil) == indent)
    }

    @Test(arguments: ["text/html", "", "application/xml, text/*", "application", "json", "application/json/x", ";"])
    func whatLeavesJSONOutIs406(_ accept: String) {
        let failure = #expect(throws: HTTPFailure.self) {
            try ContentNegotiation.indent(accept: accept, format: nil)
        }

        #expect(failure?.status == 406)
    }

    @Test(arguments: ["api", "xml", "JSON", "json ", " "])
    func anotherFormatIs404(_ format: String) {
        let failure = #expect(throws: HTTPFailure.self) {
            try ContentNegotiation.indent(accept: nil, format: format)
        }

        #expect(failure?.status == 404)
    }

    @Test(arguments: ["json", ""])
    func jsonIsAFormat(_ format: String) {
        #expect(throws: Never.self) { try ContentNegotiation.indent(accept: nil, format: format) }
    }

    @Test func responsesAndErrorsAreIndented() {
        let fixture = HandlersFixture()
        fixture.store(200, organization: nil)
        func response(to user: String?) -> Response {
            fixture.send(
                Request(
                    method: "GET", path: .encoded("/api/0/sentry-apps/pub-app/requests/"), remoteUser: user,
                    accept: "application/json; indent=2"))
        }

        #expect(
            response(to: HandlersFixture.owner).text == """
                [
                  {
                    "webhookUrl": "https://hook.test/in",
                    "sentryAppSlug": "pub-app",
                    "eventType": "issue.assigned",
                    "date": "2023-07-20 11:00:00.250000+00:00",
                    "responseCode": 200
                  }
                ]
                """)
        #expect(
            response(to: nil).text == """
                {
                  "detail": "Authentication credentials were not provided."
                }
                """)
        #expect(response(to: nil).header("Content-Type") == "application/json")
    }

    @Test(arguments: [
        ("[]", "[]"), ("{}", "{}"), ("1", "1"), (#""a,b:{}[]\"""#, #""a,b:{}[]\"""#), ("[[]]", "[\n []\n]"),
        (#"{"a":[1,{"b":{}}],"c":null}"#, "{\n \"a\": [\n  1,\n  {\n   \"b\": {}\n  }\n ],\n \"c\": null\n}"),
        ("[ 1 ,\n2 ]", "[\n 1,\n 2\n]"), (#"["\\","]"]"#, "[\n \"\\\\\",\n \"]\"\n]"), ("[ ]", "[]"),
    ])
    func theLayoutIsPythons(_ json: String, _ expected: String) {
        #expect(String(decoding: JSONIndenter.indented(Array(json.utf8), by: 1), as: UTF8.self) == expected)
    }
}
