import Handlers
import ProgramSupport
import Testing

@testable import FCGIApp

@Suite("The line that a request leaves")
struct AccessLineTests {
    private func text(_ line: LogLine) -> String {
        String(decoding: line.bytes, as: UTF8.self)
    }

    @Test("has neither query nor headers, and no bytes for HEAD or a peer that is gone")
    func access() {
        let request = Request(
            method: "GET", path: .encoded("/a"), query: "token=secret", authorization: "Bearer secret",
            referer: "secret")
        let response = Response(status: 200, headers: [("X", "secret")], body: [1, 2, 3], identity: "ann")

        let sent = text(
            LogLine(request: request, response: response, isSent: true, duration: 5, redisTime: 2, requestID: "r"))
        let lost = text(
            LogLine(request: request, response: response, isSent: false, duration: 5, redisTime: 2, requestID: "r"))

        #expect(
            sent.hasSuffix(
                #""message":"request","method":"GET","path":"/a","status":200,"bytes":3,"duration_us":5,"redis_us":2,"#
                    + #""user":"ann","request_id":"r"}"# + "\n"))
        #expect(lost.contains(#""bytes":0"#))
        #expect(!sent.contains("secret"))
    }
}
