import Foundation
import TestSupport

/// Hookline beside a Sentry: PostgreSQL with Sentry's tables and the role of `conf/postgresql/role.sql`, Sentry's
/// session secret, and the shipped locations in an nginx like Sentry's own.
final class SentrySite {
    /// `system.secret-key`.
    static let secret = "a-secret-of-the-tests"
    /// The password of every user of a golden directory who is no proxy user.
    static let passwordHash = "pbkdf2_sha256$1$salt$hash"
    /// The `_su` entry's token and the `su` cookie's value.
    private static let superuserToken = "AbCdEfGhIjKl"

    /// The line of `hookline-sentry.params`.
    static let shippedTimeout = "fastcgi_read_timeout 15s;"

    let database: PostgreSQLDatabase
    let redis: RedisServer
    let directory: TemporaryDirectory
    let nginx: Nginx
    private(set) var responder: ChildProcess?
    /// What the responder wrote until it was stopped.
    private(set) var log = ""
    private let settings: [String: String]
    /// The port of a server that passes every request to Hookline.
    private let directPort: UInt16

    /// - Parameters:
    ///   - golden: the name of the golden file whose directory Sentry has.
    ///   - settings: of the responder, beside those of `conf/sentry/docker-compose.override.yml`.
    ///   - readTimeout: how long nginx waits for the responder; nil = as long as in the shipped file.
    init(
        golden: String = "101", release: PostgreSQLOriginal = .release23, settings: [String: String] = [:],
        readTimeout: String? = nil
    ) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        self.settings = settings
        database = try PostgreSQLDatabase(golden: golden, release: release)
        redis = try RedisServer()
        directPort = try freePort()
        try directory.write(SentrySite.secret, to: "session-secret")
        for name in ["hookline-sentry.locations", "hookline-sentry.params"] {
            let shipped = try String(contentsOfFile: ServerFixture.repositoryPath("nginx/\(name)"), encoding: .utf8)
            var adapted = shipped.replacingOccurrences(of: "/opt/hookline/nginx/", with: directory.path + "/")
                .replacingOccurrences(of: "/run/hookline/hookline.sock", with: directory.file("hookline.sock"))
            if let readTimeout {
                adapted = adapted.replacing(SentrySite.shippedTimeout, with: "fastcgi_read_timeout \(readTimeout);")
            }
            try directory.write(adapted, to: name)
        }
        nginx = try Nginx(
            http: SentrySite.otherServers(directory: directory, directPort: directPort),
            server: """
                location ~ ^/api/[1-9]\\d*/ { return 200 "relay"; }
                location / { proxy_pass http://sentry; }
                include \(directory.file("hookline-sentry.locations"));
                """)
        try start()
    }

    /// Sentry's `web`, which says what it was asked, and a server that passes everything to Hookline.
    private static func otherServers(directory: TemporaryDirectory, directPort: UInt16) -> String {
        """
        upstream sentry { server unix:\(directory.file("web.sock")); }
        server {
            listen unix:\(directory.file("web.sock"));
            location / { return 200 "web $request_method $request_uri"; }
        }
        server {
            listen 127.0.0.1:\(directPort);
            location / { include \(directory.file("hookline-sentry.params")); }
            location @hookline_sentry_web { return 418; }
            location @hookline_sentry_fallback { return 502; }
        }
        """
    }

    /// The responder's settings.
    var environment: [String: String] {
        [
            "HOOKLINE_SETTINGS_FILE": "none", "HOOKLINE_LISTEN": "unix:" + directory.file("hookline.sock"),
            "HOOKLINE_SOCKET_MODE": "0666", "HOOKLINE_DIRECTORY": database.roleURL, "HOOKLINE_REDIS": redis.url,
            "HOOKLINE_SESSION_SECRET_FILE": directory.file("session-secret"),
            "HOOKLINE_PLATFORM_URL": "https://sentry.example", "HOOKLINE_PROTOCOL": "23.7",
            "HOOKLINE_DIRECTORY_CACHE_SECONDS": "0", "PATH": "/usr/bin:/bin",
        ].merging(settings) { $1 }
    }

    /// Starts the responder, and waits until it responds.
    func start() throws {
        let child = try ChildProcess([BuiltProducts.path("hookline-fcgi")], environment: environment)
        responder = child
        let client = try directClient()
        try waitUntil("the responder responds", seconds: 30) {
            guard child.isRunning else { throw TestSupportError("the responder ended: \(child.standardError)") }
            return (try? client.send("GET", "/-/ping"))?.status == 200
        }
    }

    /// Stops the responder.
    func stop() throws {
        responder?.send(signal: SIGTERM)
        _ = try responder?.waitForExit()
        log = responder?.standardError ?? ""
        responder = nil
    }

    /// A client of Sentry's nginx.
    func client() throws -> HTTPClient { try HTTPClient(base: "http://127.0.0.1:\(nginx.port)") }

    /// A client whose requests all reach Hookline.
    func directClient() throws -> HTTPClient { try HTTPClient(base: "http://127.0.0.1:\(directPort)") }

    /// The `Cookie` header of a user who is signed in.
    ///
    /// - Parameter isActiveSuperuser: whether the superuser session was started, too.
    func cookies(userID: Int64, isProxy: Bool = false, isActiveSuperuser: Bool = false) -> String {
        let now = Int64(Date().timeIntervalSince1970)
        let signer = SessionCookies(secret: SentrySite.secret, time: now)
        let entry =
            #","_su":{"exp":"\#(now + 3600)","idl":"\#(now + 600)","tok":"\#(SentrySite.superuserToken)","#
            + #""uid":"\#(userID)"}"#
        let session = signer.json(
            userID: userID, passwordHash: isProxy ? "" : SentrySite.passwordHash,
            more: isActiveSuperuser ? entry : "")
        let superuser = isActiveSuperuser ? "; su=" + signer.superuser(token: SentrySite.superuserToken) : ""
        return "sentrysid=" + signer.session(session, compressed: true) + superuser
    }
}
