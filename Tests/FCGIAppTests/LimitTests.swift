import Foundation
import TestSupport
import Testing

/// Limits of a request, where a client can see them.
@Suite
struct LimitTests {
    private static func responder() throws -> TestResponder {
        try TestResponder([
            "--max-parameters", "6", "--max-parameter-bytes", "400", "--max-query-bytes", "100", "--max-body-bytes",
            "1000",
        ])
    }

    /// The status of a request, and the message if it is a refusal.
    private func send(
        _ responder: TestResponder, _ parameters: [(String, String)], body: [UInt8] = []
    ) throws -> (status: Int, detail: String?) {
        let client = try responder.client()
        try client.sendRequest(parameters, body: body)
        let response = try client.readResponse()
        let json = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: String]
        return (response.status, json?["detail"])
    }

    @Test func tooManyParametersAre431() throws {
        let responder = try Self.responder()
        let most = FastCGIClient.parameters("GET", "/-/ping", (0..<4).map { ("X\($0)", "1") })

        #expect(try send(responder, most).status == 200)
        let more = try send(responder, most + [("Y", "1")])
        #expect(more.status == 431)
        #expect(more.detail == "Too many request headers: the limit is 6 parameters.")
    }

    @Test func parametersThatAreTooLongAre431() throws {
        let responder = try Self.responder()
        // REQUEST_METHOD=GET, REQUEST_URI=/-/ping and the name X.
        let filler = 400 - 17 - 18 - 1

        func parameters(_ count: Int) -> [(String, String)] {
            FastCGIClient.parameters("GET", "/-/ping", [("X", String(repeating: "x", count: count))])
        }
        #expect(try send(responder, parameters(filler)).status == 200)
        let more = try send(responder, parameters(filler + 1))
        #expect(more.status == 431)
        #expect(more.detail == "The request headers are too long: the limit is 400 bytes.")
    }

    @Test func aQueryThatIsTooLongIs414() throws {
        let responder = try Self.responder()

        func parameters(_ count: Int) -> [(String, String)] {
            FastCGIClient.parameters("GET", "/-/ping?" + String(repeating: "x", count: count))
        }
        #expect(try send(responder, parameters(100)).status == 200)
        let more = try send(responder, parameters(101))
        #expect(more.status == 414)
        #expect(more.detail == "The query string is too long: the limit is 100 bytes.")
    }

    @Test func aBodyThatIsTooLongIs413WhetherItIsSentOrOnlyAnnounced() throws {
        let responder = try Self.responder()

        func parameters(_ count: Int) -> [(String, String)] {
            FastCGIClient.parameters("GET", "/-/ping", [("CONTENT_LENGTH", String(count))])
        }
        #expect(try send(responder, parameters(1000), body: Array(repeating: 1, count: 1000)).status == 200)
        let sent = try send(responder, parameters(1001), body: Array(repeating: 1, count: 1001))
        #expect(sent.status == 413)
        #expect(sent.detail == "The request body is too long: the limit is 1000 bytes.")
        #expect(try send(responder, parameters(1 << 40)).status == 413)
    }

    @Test func aBodyShorterThanAnnouncedIsA400() throws {
        let responder = try Self.responder()

        let response = try send(
            responder, FastCGIClient.parameters("GET", "/-/ping", [("CONTENT_LENGTH", "4")]), body: [1, 2, 3])

        #expect(response.status == 400)
        #expect(response.detail == "The request body is incomplete: 4 bytes were announced, 3 arrived.")
    }

    @Test func aNegativeLengthIsA400() throws {
        let responder = try Self.responder()

        let response = try send(responder, FastCGIClient.parameters("GET", "/-/ping", [("CONTENT_LENGTH", "-1")]))

        #expect(response.status == 400)
        #expect(response.detail == "Content-Length is not a number of bytes.")
    }

    @Test func aRefusalOfHEADHasNoBody() throws {
        let responder = try Self.responder()
        let client = try responder.client()

        try client.sendRequest(FastCGIClient.parameters("HEAD", "/-/ping", [("CONTENT_LENGTH", "x")]))
        let response = try client.readResponse()

        #expect(response.status == 400)
        #expect(response.body.isEmpty)
        #expect(response.header("Content-Length") == "53")
    }

    @Test func aBodyBeyondTheLimitIsRefusedThroughNginxAlthoughNginxIsStillSendingIt() throws {
        let responder = try TestResponder(["--max-body-bytes", "1000"])
        let nginx = try Nginx(
            server: """
                client_max_body_size 8m;
                location / {
                    include /etc/nginx/fastcgi_params;
                    fastcgi_pass unix:\(responder.socketPath);
                }
                """)
        let client = try HTTPClient(base: "http://127.0.0.1:\(nginx.port)")

        for size in [1001, 300_000, 4 << 20] {
            let response = try client.send("POST", "/-/ping", body: Array(repeating: 0x20, count: size))

            #expect(response.status == 413, "\(size) bytes: \(nginx.errorLog)")
        }
    }
}
