import Directory
import Model

/// Finds the caller of a request (docs/security.md; docs/protocol.md 5.2).
struct Authenticator {
    /// Prefix of the original's organization tokens, none of whose scopes any endpoint here requires.
    private static let organizationTokenPrefix = "sntrys_"

    let directory: any DirectoryStore
    let now: Timestamp

    /// The caller of `request`.
    ///
    /// A bearer token has precedence over `REMOTE_USER`, and an invalid one fails with 401 even when the web server has
    /// authenticated a user. `Authorization: Basic` is the web server's matter when it names a user; without one it is
    /// an API key, of which the directory has none.
    func caller(of request: Request) throws(HTTPFailure) -> Caller {
        switch try AuthorizationHeader(request.authorization) {
        case .bearer(let token): return try bearer(token)
        case .basic(let credentials) where (request.remoteUser ?? "").isEmpty: try refuseAPIKey(credentials)
        case .basic, .none: break
        }
        return try remoteUser(of: request)
    }

    private func bearer(_ secret: String) throws(HTTPFailure) -> Caller {
        if secret.hasPrefix(Authenticator.organizationTokenPrefix) { throw .unauthorized("Invalid org token") }
        guard let token = try orUnavailable(directory.token(PresentedCredential(secret))) else {
            throw .unauthorized("Invalid token")
        }
        let user = try orUnavailable(directory.user(id: token.userID))
        if let expiry = token.expiresAt, expiry < now { throw .unauthorized("Token expired") }
        guard let user, user.isActive else { throw .unauthorized("User inactive or deleted") }
        return .token(token, user)
    }

    private func refuseAPIKey(_ credentials: String) throws(HTTPFailure) {
        guard let isKey = BasicCredentials.hasEmptyPassword(base64: credentials) else {
            throw .unauthorized("Invalid basic header. Credentials not correctly base64 encoded.")
        }
        if isKey { throw .unauthorized("API key is not valid") }
    }

    private func remoteUser(of request: Request) throws(HTTPFailure) -> Caller {
        guard let login = request.remoteUser, !login.isEmpty else { return .anonymous(claimedLogin: nil) }
        guard let user = try orUnavailable(directory.user(login: login)), user.isActive else {
            return .anonymous(claimedLogin: login)
        }
        return .user(user, isActiveSuperuser: user.isSuperuser && request.allowsSuperuser)
    }
}

/// The identity that a request is authorized by.
enum Caller: Sendable {
    /// No user of the directory. `claimedLogin` is the name that the web server passed, if any: that user is missing or
    /// inactive, and the access log has `unknown:<name>`.
    case anonymous(claimedLogin: String?)
    /// A user whom the web server has authenticated.
    case user(User, isActiveSuperuser: Bool)
    /// A bearer token and the user whose token it is.
    case token(APIToken, User)

    /// For the access log; nil when no name was passed.
    var logIdentity: String? {
        switch self {
        case .anonymous(nil): nil
        case .anonymous(let login?): "unknown:" + Caller.printable(login)
        case .user(let user, _): user.username.isEmpty ? user.email : user.username
        case .token(let token, _): "token:\(token.id)"
        }
    }

    var isActiveSuperuser: Bool {
        guard case .user(_, let isActiveSuperuser) = self else { return false }
        return isActiveSuperuser
    }

    /// The user themselves or the token's.
    var user: User? {
        switch self {
        case .anonymous: nil
        case .user(let user, _), .token(_, let user): user
        }
    }

    /// A name that was not verified, shortened and without control characters.
    private static func printable(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(100).map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
