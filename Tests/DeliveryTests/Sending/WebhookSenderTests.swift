import Delivery
import TestSupport
import Testing

struct WebhookSenderTests {
    @Test func headersAndBodyArriveAsTheyWereGiven() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture { $0.userAgent = "hookline/1" }
        let headers = [
            ("Content-Type", "application/json"), ("Request-ID", "abc"), ("X-Empty", ""), ("x-lower", "a: b; c"),
        ]

        let result = try fixture.send(
            receiver.url("/some/path?a=b%20c"), headers: headers.map { (name: $0.0, value: $0.1) }, body: #"{"é":1}"#)

        let received = try #require(receiver.received.first)
        #expect(result.status == 200)
        #expect(result.address == "127.0.0.1")
        #expect(received.path == "/some/path?a=b%20c")
        #expect(received.body == Array(#"{"é":1}"#.utf8))
        #expect(
            received.headers.map { "\($0.name): \($0.value)" } == [
                "Host: 127.0.0.1:\(receiver.port)", "User-Agent: hookline/1", "Accept: */*",
                "Content-Type: application/json", "Request-ID: abc", "X-Empty: ", "x-lower: a: b; c",
                "Content-Length: 8",
            ])
    }

    /// Receivers refuse a target with other bytes. The sequences for dots stay, as in the original.
    @Test(arguments: [
        ("/пример?q=ü", "/%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80?q=%C3%BC"),
        ("/a\"b<c>{d}|e^f?q=`|", "/a%22b%3Cc%3E%7Bd%7D%7Ce%5Ef?q=%60%7C"), ("/a b?c d#e", "/a%20b?c%20d"),
        ("/a/../b/./c/%2e%2e/d", "/b/c/../d"), ("?x=[1]", "/?x=%5B1%5D"), ("", "/"),
    ])
    func theTargetArrivesInTheFormOfTheRFC(_ remainder: String, _ target: String) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url(remainder))

        #expect(result.status == 200)
        #expect(receiver.received.map(\.path) == [target])
    }

    @Test(arguments: [200, 204, 302, 400, 404, 410, 429, 500, 503, 504, 599])
    func anyStatusIsAResponse(_ status: Int) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture(timeout: .seconds(10))

        let result = try fixture.send(receiver.url("/status/\(status)"))

        #expect(result.status == status)
        #expect(result.failure == nil)
    }

    @Test func theUsedHeadersOfTheResponseAreKept() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let limited = try fixture.send(receiver.url("/retry-after/120"))
        let failed = try fixture.send(receiver.url("/error-ids"))
        let interim = try fixture.send(receiver.url("/interim"))

        #expect(limited.status == 429)
        #expect(limited.response?.retryAfter == "120")
        #expect(failed.response?.errorID == String(repeating: "e", count: 32))
        #expect(failed.response?.projectID == "7")
        #expect(interim.response?.retryAfter == nil)
        #expect(interim.status == 200)
    }

    @Test func aRedirectIsNotFollowed() throws {
        let target = try WebhookReceiver()
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url("/redirect?\(target.url("/secret"))"))

        #expect(result.status == 302)
        #expect(receiver.received.count == 1)
        #expect(target.acceptedConnections == 0)
    }

    @Test func aConnectionIsUsedAgain() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        for _ in 0..<20 { _ = try fixture.send(receiver.url("/status/200")) }

        #expect(receiver.received.map(\.connection) == Array(repeating: 0, count: 20))
    }

    @Test func aKeptConnectionThatTheReceiverClosedIsReplaced() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        for _ in 0..<5 {
            let result = try fixture.send(receiver.url("/close-after"))

            #expect(result.status == 200)
        }
    }

    @Test(arguments: [
        ("ftp://127.0.0.1/", SendFailure.invalidURL), ("file:///etc/passwd", .invalidURL), ("", .invalidURL),
        ("http://", .invalidURL), ("http://127.0.0.1:99999/", .invalidURL), ("http://a b/", .invalidURL),
        ("http://127.0.0.1/\r\nX: y", .invalidURL), ("http://127.0.0.1\0.example/", .invalidURL),
        ("gopher://127.0.0.1/", .invalidURL), ("/path", .invalidURL),
    ])
    func urlsThatAreNoneAreRefusedBeforeAnythingIsSent(_ url: String, _ failure: SendFailure) throws {
        let fixture = try SenderFixture()

        #expect(try fixture.send(url).failure == failure)
    }

    @Test(arguments: [
        ("X-Evil", "a\r\nHost: b"), ("X-Evil", "a\nb"), ("X-Evil", "a\0b"), ("X Evil", "a"), ("X:Evil", "a"),
        ("", "a"), ("Content-Length", "0"), ("transfer-encoding", "chunked"), ("Host", "other"), ("X\r\nY", "a"),
    ])
    func headersThatWouldChangeTheMessageAreRefused(_ name: String, _ value: String) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url("/"), headers: [(name: name, value: value)])

        #expect(result.failure == .invalidHeader)
        #expect(result.detail?.contains("evil\r\n") == false)
        #expect(receiver.acceptedConnections == 0)
    }

    @Test func anErrorSaysNothingOfPasswordsAndHeaderValues() throws {
        let fixture = try SenderFixture()
        let headers = [(name: "Authorization", value: "Bearer sesame\n")]

        let url = try fixture.send("http://user:sesame@127.0.0.1:1/")
        let broken = try fixture.send("http://user:sesame@[::1/")
        let header = try fixture.send("http://127.0.0.1:1/", headers: headers)

        for result in [url, broken, header] {
            #expect(result.detail?.isEmpty == false)
            #expect(result.detail?.contains("sesame") == false)
        }
    }

    @Test func theLimitOfTheRequestsBodyIsExact() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture { $0.requestLimit = 1000 }

        let fits = try fixture.send(receiver.url("/"), body: String(repeating: "x", count: 1000))
        let over = try fixture.send(receiver.url("/"), body: String(repeating: "x", count: 1001))

        #expect(fits.status == 200)
        #expect(over.failure == .bodyTooLarge)
        #expect(receiver.received.count == 1)
    }

    @Test func theTimesOfThePhasesAreInOrder() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url("/"))

        let times = [result.timings.nameLookup, result.timings.connect, result.timings.firstByte].compactMap { $0 }
        #expect(times.count == 3)
        #expect(times == times.sorted())
        #expect(result.timings.tls == nil)
        #expect((times.last ?? 0) / 1000 <= result.durationMilliseconds)
    }
}
