import Foundation
import TestSupport
import Testing

/// Requests that do not arrive at once, over both kinds of sockets.
@Suite
struct PartialRequestTests {
    private static let threads = 2
    private static let stuck = 4 * threads

    /// A responder, and how to connect to it.
    private struct Setup {
        let responder: ReloadingResponder
        let redis: RedisServer
        let port: UInt16?

        init(overTCP: Bool, _ settings: [String] = []) throws {
            redis = try RedisServer()
            port = overTCP ? try freePort() : nil
            responder = try ReloadingResponder(
                ["HOOKLINE_THREADS=\(PartialRequestTests.threads)"] + settings, redis: redis.url,
                listen: port.map { "127.0.0.1:\($0)" })
            try responder.waitForLog("serving")
        }

        func client() throws -> FastCGIClient {
            if let port { return try FastCGIClient(port: port) }
            return try responder.client()
        }
    }

    private static let ping =
        FastCGIClient.beginning()
        + FastCGIClient.stream(.parameters, FastCGIClient.encoded(FastCGIClient.parameters("GET", "/-/ping")))
        + FastCGIClient.stream(.standardInput, [])

    /// A request with a body, as records.
    private static func post(
        _ path: String = "/-/ping", announced: Int? = nil, body: [UInt8], isSignedIn: Bool = false,
        keepsConnection: Bool = false
    ) -> [UInt8] {
        let parameters = FastCGIClient.parameters(
            "POST", path,
            [
                ("CONTENT_LENGTH", "\(announced ?? body.count)"), ("CONTENT_TYPE", "application/json"),
                ("HTTP_SEC_FETCH_SITE", "same-origin"),
            ] + (isSignedIn ? SampleDirectory.signedIn : []))
        return FastCGIClient.beginning(keepsConnection: keepsConnection)
            + FastCGIClient.stream(.parameters, FastCGIClient.encoded(parameters))
            + FastCGIClient.stream(.standardInput, body)
    }

    /// Its endpoint reads long bodies, and an anonymous caller is refused after that.
    private static let events = "/api/0/sentry-app-installations/i/events/"
    private static let interaction = "/api/0/sentry-apps/sample-app/interaction/"

    @Test(arguments: [false, true])
    func moreOfThemThanThreadsHoldUpNoCompleteRequestAndAreAnsweredWhenTheyAreComplete(overTCP: Bool) throws {
        let setup = try Setup(overTCP: overTCP, ["HOOKLINE_IO_SECONDS=60"])
        let body = [UInt8](repeating: 0x20, count: 100_000) + Array("{}".utf8)
        let requests = [
            Self.ping, Self.post(Self.events, body: body), Self.post(Self.interaction, body: Array("{}".utf8)),
        ]
        let cuts = [3, 30, 60, 170, 90_000]
        var clients: [(client: FastCGIClient, rest: [UInt8])] = []
        for number in 0..<Self.stuck {
            let request = requests[number % requests.count]
            let cut = min(cuts[number % cuts.count], request.count - 1)
            let client = try setup.client()
            try client.send(Array(request.prefix(cut)))
            clients.append((client, Array(request.dropFirst(cut))))
        }

        for _ in 0..<10 {
            for (request, status) in [(Self.ping, 200), (Self.post(Self.events, body: body), 401)] {
                let client = try setup.client()
                try client.send(request)
                #expect(try client.readResponse().status == status)
            }
        }

        for (client, rest) in clients {
            #expect(client.isSilent)
            try client.send(rest)
        }
        let statuses = try clients.map { try $0.client.readResponse().status }
        #expect(statuses == (0..<Self.stuck).map { $0 % 3 == 0 ? 200 : 401 })
    }

    @Test(arguments: [false, true])
    func thoseThatStayIncompleteAreClosedAtTheirDeadlineAndLogged(overTCP: Bool) throws {
        let setup = try Setup(overTCP: overTCP, ["HOOKLINE_IO_SECONDS=1"])
        let request = Self.post(Self.events, body: [UInt8](repeating: 0, count: 50_000))
        let clients = try [3, 100, 20_000, 50_000].map { cut in
            let client = try setup.client()
            try client.send(Array(request.prefix(cut)))
            return client
        }

        for client in clients { try client.waitForClose() }

        try setup.responder.waitForLog("connection closed: no complete request in time", count: clients.count)
        let client = try setup.client()
        try client.send(Self.ping)
        #expect(try client.readResponse().status == 200)
    }

    @Test(arguments: [1, 7, 5000])
    func aRequestInSmallPiecesIsReadAsOneAndItsConnectionCarriesAnother(size: Int) throws {
        let setup = try Setup(overTCP: false)
        let client = try setup.client()
        let body = Array(#"{"tsdbField":"sentry_app_viewed","x":"\#(String(repeating: "x", count: 6000))"}"#.utf8)
        let request = Self.post(Self.interaction, body: body, isSignedIn: true, keepsConnection: true)

        for _ in 0..<2 {
            for start in stride(from: 0, to: request.count, by: size) {
                try client.send(Array(request[start..<min(start + size, request.count)]))
            }
            let response = try client.readResponse()
            #expect(response.status == 201, "\(response.text)")
        }
    }

    @Test func aBodyLongerThanItsEndpointReadsIsNotReceivedAndRefusedAfterTheCheckOfTheCaller() throws {
        let setup = try Setup(overTCP: false)
        let body = [UInt8](repeating: 0x20, count: 1 << 20)

        for (isSignedIn, status) in [(false, 401), (true, 413)] {
            let client = try setup.client()
            // Only announced: it is responded to all the same.
            try client.send(
                Array(Self.post(Self.interaction, body: body, isSignedIn: isSignedIn).prefix(20_000)))
            let response = try client.readResponse()
            #expect(response.status == status)
            if status == 413 {
                #expect(
                    response.text == #"{"detail":"The request body has 1048576 bytes: the limit is 8192 bytes."}"#)
            }
        }
    }

    @Test func aRefusedPeerThatGoesOnSendingHoldsNoThread() throws {
        let setup = try Setup(overTCP: false, ["HOOKLINE_IO_SECONDS=60"])
        let request = Self.post(body: [UInt8](repeating: 0, count: 1 << 22))
        let clients = try (0..<Self.stuck).map { _ in try setup.client() }
        for client in clients {
            try client.send(Array(request.prefix(1000)))
            #expect(try client.readResponse().status == 413)
        }

        for _ in 0..<20 {
            for client in clients { try client.send([0]) }
            #expect(try setup.responder.get("/-/ping").status == 200)
        }
    }

    @Test func aBodyThatCanNeverFitIsRefused() throws {
        // An eighth is for parameters; each byte counts sixteen times.
        let setup = try Setup(overTCP: false, ["HOOKLINE_BODY_MEMORY_BYTES=1048576"])
        let client = try setup.client()

        try client.send(Self.post(body: [UInt8](repeating: 0, count: 57_345)))

        let response = try client.readResponse()
        #expect(response.status == 413)
        #expect(response.text == #"{"detail":"The request body is too long: the limit is 57344 bytes."}"#)
    }
}
