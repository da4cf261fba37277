import Delivery
import TestSupport
import Testing

/// Responses that are not valid HTTP, or end early, from a receiver that writes bytes.
struct BrokenResponseTests {
    private static let head = "HTTP/1.1 200 OK\r\n"
    private static let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"
    private static let long = String(repeating: "x", count: 200_000)

    private func send(to response: String, isReset: Bool = false) throws -> SendResult {
        let receiver = try RawReceiver(response, isReset: isReset)
        return try SenderFixture().send(receiver.url())
    }

    /// Over libcurl's limits: a line of 100 kB, a trailer of 4 kB.
    @Test(arguments: [
        head + "X: \(long)\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 \(long)\r\nContent-Length: 0\r\n\r\n",
        chunked + "0\r\nX: \(long.prefix(10_000))\r\n\r\n",
        head + String(repeating: "X: \(long.prefix(1000))\r\n", count: 100) + "\r\n",
    ])
    func aResponseOverALimitIsTheReceiversFault(_ response: String) throws {
        let result = try send(to: response)

        #expect(result.failure == .protocol, "\(result)")
        #expect(result.detail?.contains("memory") == false)
    }

    @Test(arguments: [
        "HTT", "HTTP/1.1 20", "HTTP/1.1 200 OK", head, head + "X-A", head + "X-A: b", head + "Content-Length: 0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n" + head, "HTTP/1.1 100 Continue\r\nX: y\r\n",
    ])
    func aResponseThatEndsInItsHeadersIsACutConnection(_ response: String) throws {
        #expect(try send(to: response).failure == .connection)
    }

    @Test(arguments: [
        head + "Content-Length: 9\r\n\r\nabc", chunked + "5\r\nabc", chunked + "3\r\nabc\r\n",
        chunked + "3\r\nabc\r\n0\r\n",
    ])
    func aResponseThatEndsInItsBodyIsACutConnection(_ response: String) throws {
        #expect(try send(to: response).failure == .connection)
    }

    @Test func aResetIsACutConnection() throws {
        let result = try send(to: "", isReset: true)

        #expect(result.failure == .connection)
        #expect(result.detail == "Recv failure: Connection reset by peer")
    }

    /// RFC 9112, 6.3: a user agent must discard these.
    @Test(arguments: [
        ("Content-Length: 5\r\nContent-Length: 3", "the response has several Content-Lengths that differ"),
        ("Content-Length: 3, 5", "the response has several Content-Lengths that differ"),
        ("Content-Length: 3x", "the response's Content-Length is not a number"),
        ("Content-Length: +3", "the response's Content-Length is not a number"),
        ("Content-Length: 99999999999999999999", "the response's Content-Length is not a number"),
        ("Content-Length: x", "Invalid Content-Length: value"),
        ("Content-Length: -3", "Invalid Content-Length: value"),
    ])
    func aLengthThatIsNoneIsNoResponse(_ header: String, _ detail: String) throws {
        let result = try send(to: BrokenResponseTests.head + header + "\r\n\r\nabcde")

        #expect(result.failure == .protocol)
        #expect(result.detail == detail)
    }

    /// Also after an interim response, whose headers do not count.
    @Test(arguments: [
        head + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", head + "Content-Length: 3, 3\r\n\r\nabc",
        head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 103 Hints\r\nContent-Length: 9\r\n\r\n" + head + "Content-Length: 3\r\n\r\nabc",
        "HTTP/1.0 200 OK\r\n\r\nabc", "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
        head + "X: a\r\n b: c\r\nContent-Length: 3\r\n\r\nabc", "http/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        chunked + "3\r\nabc\r\n0\r\nContent-Length: 7\r\nX: y\r\n\r\n",
    ])
    func oneLengthSaidTwiceOrOverruledIsAResponse(_ response: String) throws {
        let result = try send(to: response)

        #expect(result.status == 200, "\(result)")
        #expect(result.response?.body == Array("abc".utf8))
    }

    @Test func aTrailerIsNoHeader() throws {
        let result = try send(to: BrokenResponseTests.chunked + "0\r\nRetry-After: 7\r\n\r\n")

        #expect(result.status == 200)
        #expect(result.response?.retryAfter == nil)
    }

    @Test func aStatusWithoutBodyNeedsNoLength() throws {
        let result = try send(to: "HTTP/1.1 204 No\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n")

        #expect(result.status == 204)
    }

    @Test(arguments: [
        chunked + "zz\r\nabc\r\n0\r\n\r\n", chunked + "3\r\nabcd0\r\n\r\n",
        chunked + String(repeating: "1", count: 40) + "\r\nabc", head + "Transfer-Encoding: foo\r\n\r\nabc",
        head + "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", head + "X: a\0b\r\n\r\n",
        head + "NoColon\r\n\r\n", head + " b: c\r\nContent-Length: 0\r\n\r\n", "220 mail ready\r\n",
        "ICY 200 OK\r\n\r\n", "\r\n" + head + "\r\n", "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/2 200\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 000 OK\r\n\r\n", "HTTP/1.1 99 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1\r\n\r\n", "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\nabc", "\u{15}\u{3}\u{1}\0\u{2}\u{2}(",
    ])
    func whatIsNotHTTPIsTheReceiversFault(_ response: String) throws {
        let result = try send(to: response)

        #expect(result.failure == .protocol, "\(result)")
    }
}
