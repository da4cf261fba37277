import TestSupport
import Testing

/// Requests that a peer sends on one connection before it has the response to the one before.
@Suite
struct PipelinedRequestTests {
    /// A request that names itself in its path, and its response in the status.
    private static func request(
        _ path: String, _ method: String = "GET", body: [UInt8] = [], further: [(String, String)] = []
    ) -> [UInt8] {
        var parameters = FastCGIClient.parameters(method, path, further)
        if !body.isEmpty { parameters.append(("CONTENT_LENGTH", "\(body.count)")) }
        return FastCGIClient.beginning(keepsConnection: true)
            + FastCGIClient.stream(.parameters, FastCGIClient.encoded(parameters))
            + FastCGIClient.stream(.standardInput, body)
    }

    private static let ping = request("/-/ping")
    private static let unknown = request("/unknown")

    @Test func allThatCameInOneSegmentAreAnsweredInTheirOrder() throws {
        let responder = try TestResponder(["--threads", "2"])
        let client = try responder.client()

        try client.send(Self.ping + Self.unknown + Self.ping + Self.unknown.prefix(30))
        let statuses = try (0..<3).map { _ in try client.readResponse().status }
        try client.send(Array(Self.unknown.dropFirst(30)) + Self.ping)
        let others = try (0..<2).map { _ in try client.readResponse().status }

        #expect(statuses == [200, 404, 200])
        #expect(others == [404, 200])
    }

    /// The second arrives while the first is read.
    @Test func thoseThatFollowOneAnotherCloselyAreAllAnswered() throws {
        let responder = try TestResponder(["--threads", "2"])
        let client = try responder.client()

        for _ in 0..<500 {
            try client.send(Self.ping)
            try client.send(Self.unknown)

            #expect(try client.readResponse().status == 200)
            #expect(try client.readResponse().status == 404)
        }
    }

    @Test(arguments: [1, 40, 1000])
    func paddingOfAnyRecordIsNoPartOfARequest(pieceBytes: Int) throws {
        let responder = try TestResponder(["--threads", "1"])
        let parameters = FastCGIClient.encoded(FastCGIClient.parameters("GET", "/-/ping"))
        let (plain, kept) = (UInt8(0), [UInt8(0), 1, 1, 0, 0, 0, 0, 0])
        for padded in 0..<4 {
            let paddings = (0..<4).map { $0 == padded ? UInt8(5) : plain }
            let request =
                FastCGIClient.record(.beginRequest, kept, padding: paddings[0])
                + FastCGIClient.record(.parameters, parameters, padding: paddings[1])
                + FastCGIClient.record(.parameters, [], padding: paddings[2])
                + FastCGIClient.record(.standardInput, [], padding: paddings[3])
            let client = try responder.client()
            let bytes = request + Self.unknown
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                try client.send(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
            }

            #expect(try client.readResponse().status == 200, "record \(padded)")
            #expect(try client.readResponse().status == 404, "the request behind record \(padded)")
        }
    }

    /// More than libfcgi reads at once, of which it leaves the body.
    @Test func aBodyThatWasNotReadIsNoPartOfTheNextRequest() throws {
        let responder = try TestResponder(["--threads", "1"])
        let refused = Self.request(
            "/unknown", "POST", body: [UInt8](repeating: 1, count: 4000),
            further: [("HTTP_X_LONG", String(repeating: "a", count: 9000))])

        for _ in 0..<20 {
            let client = try responder.client()
            try client.send(refused)
            #expect(try client.readResponse().status == 404)
            #expect(try responder.get("/-/ping").status == 200)
        }
    }

    /// libfcgi refuses the parameters, and closes what it reads them from.
    @Test func parametersThatAreNoneEndTheirConnectionOnly() throws {
        let responder = try TestResponder(["--threads", "1"])
        let broken =
            FastCGIClient.beginning(keepsConnection: true) + FastCGIClient.stream(.parameters, [14, 3, 82])
            + FastCGIClient.stream(.standardInput, [])

        for _ in 0..<20 {
            let client = try responder.client()
            try client.send(broken)
            try client.waitForClose()
            #expect(try responder.get("/-/ping").status == 200)
        }
    }
}
