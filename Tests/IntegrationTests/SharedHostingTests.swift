import Foundation
import TestSupport
import Testing

/// A real Apache with the shipped `.htaccess`: every request starts the program.
@Suite(.serialized)
struct SharedHostingTests {
    private static let challenge = #"Basic realm="Hookline""#

    @Test(arguments: ["/", "/app.html?app=x", "/js/api.js", "/no-such-page", "/-/status", "/.well-known/x"])
    func everyPageAsksForAPassword(_ target: String) throws {
        let apache = try ApacheFixture()

        for headers in [[], [("Authorization", "Bearer \(ServerFixture.token)")]] {
            let response = try apache.send("GET", target, headers: headers)

            #expect(response.status == 401)
            #expect(response.header("WWW-Authenticate") == Self.challenge)
        }
        #expect(try apache.send("GET", target, basic: "\(ServerFixture.owner):wrong").status == 401)
        let signedIn = try apache.get(target, as: ServerFixture.owner)
        #expect(signedIn.status != 401)
    }

    @Test func aSignedInUserGetsThePagesAndTheAPI() throws {
        let apache = try ApacheFixture()

        let page = try apache.get("/", as: ServerFixture.owner)
        let log = try apache.get(ServerFixture.log, as: ServerFixture.owner)

        #expect(page.status == 200)
        #expect(page.text.contains("<title>"))
        #expect(log.status == 200, "\(log.text)")
        #expect(log.json?.elements.count == 0)
        #expect(try apache.get(ServerFixture.log, as: ServerFixture.outsider).status == 403)
    }

    @Test func theAPINeverAsksForAPasswordAndAlwaysRespondsInItsFormat() throws {
        let client = try ApacheFixture()
        let wrong = "\(ServerFixture.owner):wrong"
        let post = Array("tsdbField=sentry_app_viewed".utf8)

        let refused = try [
            client.send("GET", ServerFixture.log), client.send("GET", ServerFixture.log, basic: wrong),
            client.send("POST", "/api/0/sentry-apps/sample-app/interaction/", basic: wrong, body: post),
            client.send("GET", ServerFixture.log, headers: [("Authorization", "Bearer nonsense")]),
        ]
        let token = try client.send(
            "GET", ServerFixture.log, headers: [("Authorization", "Bearer \(ServerFixture.token)")])
        let preflight = try client.send("OPTIONS", ServerFixture.log)

        for response in refused {
            #expect(response.status == 401)
            #expect(response.headers.filter { $0.name == "WWW-Authenticate" }.map(\.value) == [#"xBasic realm="api""#])
            #expect(response.json?["detail"].string != nil, "\(response.text)")
        }
        #expect(token.status == 200)
        #expect(preflight.status == 200)
    }

    @Test(arguments: [
        "/hookline.cgi/-/status", "/hookline.cgi", "/hookline.cgi?full", "/%68ookline.cgi/-/status",
        "/api/0/../../hookline.cgi/-/status", "/hookline.cgi/api/0/sentry-apps/", "/.htaccess", "/js/.git/config",
    ])
    func theProgramCannotBeCalledByItsName(_ target: String) throws {
        let apache = try ApacheFixture()

        let anonymous = try apache.send("GET", target)
        let signedIn = try apache.get(target, as: ServerFixture.owner)

        #expect([401, 403].contains(anonymous.status))
        #expect(signedIn.status == 403)
        #expect(!(anonymous.text + signedIn.text).contains("queue"))
    }

    @Test func thePingNeedsNoPasswordAndChecksNone() throws {
        let client = try ApacheFixture()

        #expect(try client.send("GET", "/-/ping").text == "pong")
        #expect(try client.send("GET", "/-/ping", basic: "\(ServerFixture.owner):wrong").text == "pong")
    }

    @Test func aRequestWithoutTLSIsRedirectedAndNeverAskedForAPassword() throws {
        let apache = try ApacheFixture()
        let plain = try HTTPClient(base: "http://127.0.0.1:\(apache.plainPort)")

        for target in ["/", ServerFixture.log, "/hookline.cgi/-/status"] {
            let response = try plain.send("GET", target)

            #expect(response.status == 308)
            #expect(response.header("Location") == "https://127.0.0.1:\(apache.plainPort)\(target)")
            #expect(response.header("WWW-Authenticate") == nil)
        }
    }

    @Test func aBodyWithoutALengthIs411() throws {
        let response = try ApacheFixture().send(
            "POST", "/api/0/sentry-apps/sample-app/interaction/",
            basic: "\(ServerFixture.owner):\(ServerFixture.password)",
            headers: [("Transfer-Encoding", "chunked"), ("Sec-Fetch-Site", "same-origin")],
            body: Array("tsdbField=sentry_app_viewed".utf8))

        #expect(response.status == 411, "\(response.text)")
    }
}

/// Apache, Redis and a directory.
final class ApacheFixture {
    let directory: TemporaryDirectory
    let redis: RedisServer
    let port: UInt16
    let plainPort: UInt16
    private let process: ChildProcess
    private let client: HTTPClient

    init() throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        (port, plainPort) = (try freePort(), try freePort())
        redis = try RedisServer(port: try freePort())
        let database = directory.file("directory.sqlite")
        try importDirectory(ServerFixture.document, in: directory)
        let hash = try ChildProcess.run(["openssl", "passwd", "-apr1", ServerFixture.password]).output
        try directory.write(
            [ServerFixture.owner, ServerFixture.outsider].map { "\($0):\(hash)" }.joined(), to: "htpasswd")
        let made = try ChildProcess.run([
            ServerFixture.repositoryPath("scripts/apache-site.sh"), directory.path, "--port", "\(port)",
            "--plain-port", "\(plainPort)", "--program", BuiltProducts.path("hookline-cgi"),
            "--redis", "redis://127.0.0.1:\(redis.port ?? 0)/0", "--directory", database,
        ])
        guard made.status == .exited(0) else { throw TestSupportError(made.error) }
        let process = try ChildProcess(["apache2", "-D", "FOREGROUND", "-f", directory.file("httpd.conf")])
        self.process = process
        let client = try HTTPClient(
            base: "https://127.0.0.1:\(port)", certificatePath: directory.file("tls.crt"))
        self.client = client
        try waitUntil("Apache responds", seconds: 30) {
            guard process.isRunning else { throw TestSupportError("Apache ended: \(process.standardError)") }
            return (try? client.send("GET", "/-/ping"))?.status == 200
        }
    }

    deinit {
        process.send(signal: SIGTERM)
        _ = try? process.waitForExit()
    }

    func send(
        _ method: String, _ target: String, basic: String? = nil, headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) throws -> HTTPClient.Response {
        try client.send(method, target, basic: basic, headers: headers, body: body)
    }

    /// Sends a request as a user with a password.
    func get(_ target: String, as login: String) throws -> HTTPClient.Response {
        try send("GET", target, basic: "\(login):\(ServerFixture.password)")
    }
}
