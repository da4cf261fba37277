import Handlers
import Testing

@testable import ResponderSupport

/// The head of a response is written as CGI has it.
@Suite
struct ResponseHeadTests {
    private func text(_ response: Response) -> String {
        String(decoding: ResponseHead.bytes(of: response, requestID: "id-1"), as: UTF8.self)
    }

    @Test func statusHeadersInTheirOrderLengthRequestIdAnEmptyLine() {
        let response = Response(
            status: 200, headers: [("Content-Type", "application/json"), ("Allow", "GET")], body: Array("[]".utf8))

        #expect(
            text(response)
                == "Status: 200 OK\r\nContent-Type: application/json\r\nAllow: GET\r\nContent-Length: 2\r\n"
                + "X-Request-ID: id-1\r\n\r\n")
    }

    @Test func headAnnouncesTheLengthOfTheBodyItLeavesOut() {
        let response = Response(status: 200, body: Array("12345".utf8), omitsBody: true)

        #expect(text(response) == "Status: 200 OK\r\nContent-Length: 5\r\nX-Request-ID: id-1\r\n\r\n")
    }

    @Test func status204HasNoLength() {
        #expect(text(Response(status: 204)) == "Status: 204 No Content\r\nX-Request-ID: id-1\r\n\r\n")
    }

    @Test func aValueWithLineEndsCannotBeginAnotherHeader() {
        let response = Response(status: 302, headers: [("Location", "/a\r\nSet-Cookie: x=1\0")])

        #expect(text(response).contains("Location: /a  Set-Cookie: x=1 \r\n"))
    }

    @Test func anUnusualStatusHasAReasonToo() {
        #expect(text(Response(status: 299)).hasPrefix("Status: 299 Unknown\r\n"))
    }
}
