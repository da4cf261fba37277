import Handlers
import Model
import TestSupport
import Testing

/// Bodies that are wrong: each field is named, all of them together, and nothing is queued.
@Suite struct EventsValidationTests {
    private func respond(_ body: String, key: String? = nil, contentType: String? = "application/json") -> Response {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        let response = fixture.enqueue(body, token: token, key: key, contentType: contentType)
        #expect(fixture.queue.entries.isEmpty)
        return response
    }

    @Test(arguments: [
        (#"{"data":{}}"#, #"{"event":["This field is required."]}"#),
        (#"{"event":null,"data":{}}"#, #"{"event":["This field may not be null."]}"#),
        (#"{"event":7,"data":{}}"#, #"{"event":["Not a valid string."]}"#),
        (#"{"event":"","data":{}}"#, #"{"event":["\"\" is not a valid choice."]}"#),
        (#"{"event":"issue.exploded","data":{}}"#, #"{"event":["\"issue.exploded\" is not a valid choice."]}"#),
        (#"{"event":"issue.created"}"#, #"{"data":["This field is required."]}"#),
        (#"{"event":"issue.created","data":null}"#, #"{"data":["This field may not be null."]}"#),
        (#"{"event":"issue.created","data":[1]}"#, #"{"data":["Must be an object, not an array."]}"#),
        (#"{"event":"issue.created","data":"{}"}"#, #"{"data":["Must be an object, not a string."]}"#),
        (#"{"event":"issue.created","data":true}"#, #"{"data":["Must be an object, not a boolean."]}"#),
        (#"{"event":"issue.created","data":{},"projct":5}"#, #"{"projct":["Unknown field."]}"#),
        (#"{"event":"issue.created","data":{},"project":true}"#, #"{"project":["Must be a slug or an id."]}"#),
        (#"{"event":"issue.created","data":{},"project":""}"#, #"{"project":["Must be a slug or an id."]}"#),
        (#"{"event":"issue.created","data":{},"project":5.0}"#, #"{"project":["Must be a slug or an id."]}"#),
        (
            #"{"event":"issue.created","data":{},"actor":"ann"}"#,
            #"{"actor":["Must be an object with type, id and name, not a string."]}"#
        ),
        (
            #"{"event":"issue.created","data":{},"actor":{"type":"user","id":1.5,"name":"Ann"}}"#,
            #"{"actor":["The id must be an integer or a string that is not empty."]}"#
        ),
        (
            #"{"event":"issue.created","data":{},"actor":{"type":"user","id":1,"name":"Ann","mail":"x"}}"#,
            #"{"actor":["Unknown member \"mail\"."]}"#
        ),
        ("[]", #"{"non_field_errors":["Invalid data. Expected an object, but got an array."]}"#),
        ("7", #"{"non_field_errors":["Invalid data. Expected an object, but got a number."]}"#),
        ("", #"{"event":["This field is required."],"data":["This field is required."]}"#),
    ])
    func theFieldIsNamed(_ body: String, _ expected: String) {
        let response = respond(body)

        #expect(response.status == 400)
        #expect(response.text == expected)
    }

    @Test(arguments: ["6", #""other""#, "99", #""nope""#, "-1", #""99999999999999999999""#, #""Web""#])
    func anUnknownProjectOrOneOfAnotherOrganizationIsInvalid(_ project: String) {
        let response = respond(#"{"event":"issue.created","data":{},"project":\#(project)}"#)

        #expect(response.status == 400)
        #expect(response.text == #"{"project":["The installation's organization has no such project."]}"#)
    }

    @Test func allProblemsAreReportedTogether() {
        let response = respond(
            #"{"event":"x","data":[],"actor":{"type":"robot","id":"","colour":1},"project":"nope","evnt":1,"x":2}"#,
            key: "\u{7F}")

        #expect(response.status == 400)
        #expect(
            response.text
                == #"{"Idempotency-Key":["Must be 1 to 255 printable characters of ASCII."],"#
                + #""event":["\"x\" is not a valid choice."],"data":["Must be an object, not an array."],"#
                + #""actor":["The type must be \"user\" or \"application\".","#
                + #""The id must be an integer or a string that is not empty.","The name must be a string.","#
                + #""Unknown member \"colour\"."],"evnt":["Unknown field."],"x":["Unknown field."],"#
                + #""project":["The installation's organization has no such project."]}"#)
    }

    @Test func aResponseIsShortHoweverManyProblemsThereAre() {
        let name = String(repeating: "n", count: 1000)
        let members = (0..<2000).map { #""\#($0)":0"# }.joined(separator: ",")
        let response = respond(#"{"event":"\#(name)","data":{},"\#(name)":1,\#(members)}"#)

        #expect(response.status == 400)
        #expect(response.json?.members.count == 1 + 10)
        #expect(response.body.count < 1000)
    }

    @Test(arguments: ["{", "{'event':1}", #"{"event":NaN}"#, #"{"event":"\x"}"#, "{}}"])
    func whatIsNoJSONIsRefusedAsElsewhere(_ body: String) {
        let response = respond(body)

        #expect(response.status == 400)
        #expect(response.detail?.hasPrefix("JSON parse error - ") == true)
    }

    @Test func nestingIsBounded() {
        let nested = { (depth: Int) in
            #"{"event":"issue.created","data":{"a":\#(String(repeating: "[", count: depth))"#
                + #"\#(String(repeating: "]", count: depth))}}"#
        }
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()

        #expect(fixture.enqueue(nested(62), token: token).status == 202)
        #expect(respond(nested(63)).detail?.hasPrefix("JSON parse error - ") == true)
        #expect(respond(nested(100_000)).status == 400)
    }

    @Test(arguments: ["application/x-www-form-urlencoded", "text/plain", "", "multipart/form-data; boundary=x"])
    func otherContentTypesAreRefused(_ contentType: String) {
        let response = respond(HandlersFixture.event, contentType: contentType)

        #expect(response.status == 415)
        #expect(response.detail == "Unsupported media type \"\(contentType)\" in request.")
    }
}
