import Directory
import Handlers
import Model
import TestSupport

/// Requests with cookies of the original, to a service that recognizes its sessions.
///
/// Every user of `HandlersFixture` can sign in.
struct SessionFixture {
    static let secret = "test-secret"
    static let passwordHash = "pbkdf2_sha256$150000$saltsaltsalt$yAH0OIW3dJFM2w0JwD4dzTfLgZp2kQZrHcL1vHs7g1E="
    static let owner: Int64 = 103
    static let member: Int64 = 100
    static let outsider: Int64 = 110
    static let superuser: Int64 = 112
    static let proxy: Int64 = 1020

    var base = HandlersFixture()
    /// Signs cookies at the time of the requests.
    var cookies = SessionCookies(secret: secret, time: HandlersFixture.now.seconds)

    init(release: String = "23.7") throws {
        base.release = try ProtocolRelease(parsing: release)
        base.sessions = SessionSettings(secret: Secret(SessionFixture.secret))
        base.directory.logins = Dictionary(
            uniqueKeysWithValues: base.directory.users.map { ($0.id, .init(passwordHash: SessionFixture.passwordHash)) }
        )
    }

    /// A session of a user, as JSON.
    func json(_ userID: Int64 = owner, nonce: String? = nil, more: String = "") -> String {
        cookies.json(userID: userID, passwordHash: SessionFixture.passwordHash, nonce: nonce, more: more)
    }

    /// A header `Cookie` with a session of the user.
    func cookie(_ userID: Int64 = owner) -> String { "sentrysid=" + cookies.session(json(userID)) }

    func request(
        _ method: String = "GET", _ path: String = "pub-app/stats/", cookie: String?, token: String? = nil,
        authorization: String? = nil, body: String = "", contentType: String? = nil, isSecure: Bool = false,
        host: String? = "log.test", origin: String? = nil, referer: String? = nil, site: String? = nil,
        remoteUser: String? = nil, allowsSuperuser: Bool = false, address: String? = nil, query: String = ""
    ) -> Request {
        Request(
            method: method, path: .encoded("/api/0/sentry-apps/" + path), query: query, body: Array(body.utf8),
            remoteUser: remoteUser, allowsSuperuser: allowsSuperuser, isSecure: isSecure, authorization: authorization,
            contentType: contentType, host: host, origin: origin, referer: referer, secFetchSite: site,
            cookie: cookie.map { Secret($0) }, csrfToken: token.map { Secret($0) }, remoteAddress: address)
    }

    func get(_ path: String = "pub-app/stats/", cookie: String?, authorization: String? = nil) -> Response {
        base.send(request("GET", path, cookie: cookie, authorization: authorization))
    }

    /// The status of a `GET` with this session; 200 means that its user was recognized, 401 that nobody was.
    func status(ofSession json: String) -> Int {
        get(cookie: "sentrysid=" + cookies.session(json)).status
    }
}
