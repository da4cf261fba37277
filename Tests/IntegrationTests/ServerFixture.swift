import Foundation
import TestSupport

/// The whole product as it is shipped: redis-server, a directory file, responders, and nginx with the files of `nginx/`
/// over HTTPS. Only addresses, paths and the rate limit of those files are replaced, as their comments ask for.
final class ServerFixture {
    /// How nginx reaches the responder.
    enum Responder {
        /// `hookline-fcgi --listen`, this many of them.
        case fastCGI(count: Int)
        /// A plain CGI program, started by fcgiwrap for each request; nil = `hookline-cgi`.
        case cgi(program: String? = nil)
    }

    /// What a test changes in the shipped files or adds to them.
    struct Options {
        /// Of each limit.
        var rate = "100000r/s"
        /// Of each limit; nil = as shipped.
        var burst: Int?
        /// The address of the single sign-on; nil = the one of the tests.
        var singleSignOn: String?
        /// Lines of nginx's `http` block.
        var http = ""
        /// Settings of the responders, made when Redis runs. With `HOOKLINE_REDIS` among them they get no `--redis`.
        var environment: (RedisServer) throws -> [String: String] = { _ in [:] }
    }

    /// How users sign in: which of the shipped server files nginx runs.
    enum SignIn {
        /// `hookline.conf`: a password by auth_basic.
        case password
        /// `hookline-sso.conf`: a single sign-on by auth_request. The one of the tests knows the cookie `session=NAME` as
        /// the user NAME, `session=nobody` as a session without a name, and refuses everything else.
        case singleSignOn
    }

    let directory: TemporaryDirectory
    let redis: RedisServer
    private(set) var responders: [ChildProcess] = []
    let nginx: ChildProcess
    let port: UInt16
    let certificatePath: String

    /// Requests from this address may use superuser rights; those from 127.0.0.1 may not.
    static let adminAddress = "127.0.0.2"
    /// The limit of requests that queue events does not apply to this address.
    static let platformAddress = "192.0.2.9"
    static let password = "correct horse"

    private let responder: Responder
    private let responderFlags: [String]
    private let database: PostgreSQLDatabase?
    private let environment: [String: String]

    /// Starts everything and waits until it responds.
    ///
    /// - Parameters:
    ///   - document: the directory document: the JSON text that `hookline directory import` reads.
    ///   - database: a stand-alone directory for it; nil = an embedded one.
    init(
        document: String, logins: [String], signIn: SignIn = .password, responder: Responder = .fastCGI(count: 1),
        responderFlags: [String] = [], options: Options = Options(), database: PostgreSQLDatabase? = nil
    ) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        self.responder = responder
        redis = try RedisServer()
        self.responderFlags = responderFlags
        environment = try options.environment(redis)

        self.database = database
        try importDirectory(document, in: directory, location: database?.url)
        certificatePath = directory.file("tls.crt")
        try ServerFixture.makeCertificate(in: directory)
        port = try freePort()
        let passwords = logins.map { "\($0):{PLAIN}\(ServerFixture.password)\n" }.joined()
        try directory.write(passwords, to: "htpasswd")
        try ServerFixture.writeConfiguration(
            in: directory, port: port, signIn: signIn, responder: responder, redis: redis,
            options: options)
        nginx = try ChildProcess(
            [
                "nginx", "-p", directory.path, "-e", directory.file("nginx-error.log"), "-c",
                directory.file("nginx.conf"),
            ])
        try startResponders()
        try waitUntilReady()
    }

    /// `HOOKLINE_DIRECTORY`.
    var directorySetting: String { database?.url ?? "sqlite:\(directory.file("directory.sqlite"))" }

    var errorLog: String {
        (try? String(contentsOfFile: directory.file("nginx-error.log"), encoding: .utf8)) ?? ""
    }

    /// A client of the server; an administrator's uses the address that may use superuser rights.
    func client(asAdministrator: Bool = false) throws -> HTTPClient {
        // 127.0.0.1 as the name in the URL too: the certificate names it.
        try HTTPClient(
            base: "https://127.0.0.1:\(port)", certificatePath: certificatePath,
            localAddress: asAdministrator ? ServerFixture.adminAddress : nil)
    }

    /// Sends a request as a user with a password.
    func get(_ target: String, as login: String?) throws -> HTTPClient.Response {
        try client().send("GET", target, basic: login.map { "\($0):\(ServerFixture.password)" })
    }

    private func startResponders() throws {
        let directory = directory
        let redis = redis
        switch responder {
        case .fastCGI(let count):
            responders = try (1...count).map { number in
                try ChildProcess(
                    [
                        BuiltProducts.path("hookline-fcgi"), "--listen",
                        "unix:\(directory.file("hookline-\(number).sock"))", "--socket-mode", "0666",
                    ]
                        + (environment["HOOKLINE_REDIS"] == nil ? ["--redis", redis.url] : [])
                        + (responderFlags.contains("--directory-cache-seconds")
                            ? [] : ["--directory-cache-seconds", "0"])
                        + responderFlags,
                    environment: ["HOOKLINE_DIRECTORY": directorySetting, "PATH": "/usr/bin:/bin"]
                        .merging(environment) { $1 })
            }
        case .cgi:
            responders = [try ChildProcess(["fcgiwrap", "-s", "unix:\(directory.file("hookline-1.sock"))"])]
        }
    }

    private func waitUntilReady() throws {
        let client = try client()
        let processes = [nginx] + responders
        try waitUntil("the server responds", seconds: 30) {
            if let ended = processes.first(where: { !$0.isRunning }) {
                throw TestSupportError("a server ended: \(ended.standardError) \(errorLog)")
            }
            // Where the rate is limited, only few requests are left for the test: nginx is asked when it can respond.
            return areRespondersListening && (try? client.send("GET", "/-/ping"))?.status == 200
        }
    }

    private var areRespondersListening: Bool {
        (1...responders.count).allSatisfy { number in
            guard let descriptor = try? connectUnixSocket(directory.file("hookline-\(number).sock")) else {
                return false
            }
            close(descriptor)
            return true
        }
    }

    private static func makeCertificate(in directory: TemporaryDirectory) throws {
        let made = try ChildProcess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
            directory.file("tls.key"), "-out", directory.file("tls.crt"),
        ])
        guard made.status == .exited(0) else { throw TestSupportError("openssl failed: \(made.error)") }
    }
}
