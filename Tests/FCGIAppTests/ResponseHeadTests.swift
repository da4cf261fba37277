import Handlers
import Testing

@testable import FCGIApp

@Suite("The head of a response is written as CGI has it")
struct ResponseHeadTests {
    private func text(_ response: Response) -> String {
        String(decoding: ResponseHead.bytes(of: response, requestID: "id-1"), as: UTF8.self)
    }

    @Test("status, headers in their order, length, request id, an empty line")
    func order() {
        let response = Response(
            status: 200, headers: [("Content-Type", "application/json"), ("Allow", "GET")], body: Array("[]".utf8))

        #expect(
            text(response)
                == "Status: 200 OK\r\nContent-Type: application/json\r\nAllow: GET\r\nContent-Length: 2\r\n"
                + "X-Request-ID: id-1\r\n\r\n")
    }

    @Test("HEAD announces the length of the body it leaves out")
    func head() {
        let response = Response(status: 200, body: Array("12345".utf8), omitsBody: true)

        #expect(text(response) == "Status: 200 OK\r\nContent-Length: 5\r\nX-Request-ID: id-1\r\n\r\n")
    }

    @Test("204 has no length")
    func noContent() {
        #expect(text(Response(status: 204)) == "Status: 204 No Content\r\nX-Request-ID: id-1\r\n\r\n")
    }

    @Test("a value with line ends cannot begin a header of its own")
    func injection() {
        let response = Response(status: 302, headers: [("Location", "/a\r\nSet-Cookie: x=1\0")])

        #expect(text(response).contains("Location: /a  Set-Cookie: x=1 \r\n"))
    }

    @Test("an unusual status has a reason, too")
    func unknownStatus() {
        #expect(text(Response(status: 299)).hasPrefix("Status: 299 Unknown\r\n"))
    }
}
