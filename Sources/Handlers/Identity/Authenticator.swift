import Directory
import Model

/// Finds the caller of a request (docs/security.md; docs/protocol.md 5.2).
struct Authenticator {
    /// Prefix of the original's organization tokens, none of whose scopes any endpoint here requires.
    private static let organizationTokenPrefix = "sntrys_"

    let directory: any DirectoryStore
    /// Recognizes sessions of the original; nil = the web server authenticates users.
    let sessions: SessionIdentity?
    let now: Timestamp

    /// The caller of `request`.
    ///
    /// A bearer token or an API key has precedence over a user, and an invalid one fails with 401 even when there is a
    /// user. Where sessions are recognized they alone say who the user is; what the web server passes as `REMOTE_USER`
    /// and `AUTH_SUPERUSER` does not count then. Otherwise `Authorization: Basic` is the web server's matter when it
    /// names a user.
    func caller(of request: Request) throws(HTTPFailure) -> Caller {
        switch try AuthorizationHeader(request.authorization) {
        case .bearer(let token): return try bearer(token, request)
        case .basic(let credentials) where sessions != nil || (request.remoteUser ?? "").isEmpty:
            if let key = try apiKey(credentials) { return key }
        case .basic, .none: break
        }
        guard let sessions else { return try remoteUser(of: request) }
        guard let session = try sessions.session(of: request, at: now, in: directory) else {
            return .anonymous(claimedLogin: nil)
        }
        return .user(session.user, isActiveSuperuser: session.isActiveSuperuser)
    }

    private func bearer(_ secret: String, _ request: Request) throws(HTTPFailure) -> Caller {
        let presented = PresentedCredential(secret)
        if secret.hasPrefix(Authenticator.organizationTokenPrefix) {
            guard let token = try orUnavailable(directory.organizationToken(presented)) else {
                throw .unauthorized("Invalid org token")
            }
            return .organizationToken(token)
        }
        guard let token = try orUnavailable(directory.token(presented)) else { throw .unauthorized("Invalid token") }
        if let expiry = token.expiresAt, expiry <= now { throw .unauthorized("Token expired") }
        guard let user = try orUnavailable(directory.user(id: token.userID)), user.isActive else {
            throw .unauthorized("User inactive or deleted")
        }
        guard token.isApplicationActive else { throw .unauthorized("UserApplication inactive or deleted") }
        guard token.scopingOrganizationID == nil else {
            throw .unauthorized("This token access is limited to organization endpoints.")
        }
        return .token(token, user, isActiveSuperuser: try isActiveSuperuser(user, request))
    }

    /// A token has superuser rights beside a session of its own user that has them.
    private func isActiveSuperuser(_ user: User, _ request: Request) throws(HTTPFailure) -> Bool {
        guard user.isSuperuser, let session = try sessions?.session(of: request, at: now, in: directory) else {
            return false
        }
        return session.user.id == user.id && session.isActiveSuperuser
    }

    /// Nil for a user name with a password.
    private func apiKey(_ base64: String) throws(HTTPFailure) -> Caller? {
        guard let credentials = BasicCredentials(base64: base64) else {
            throw .unauthorized("Invalid basic header. Credentials not correctly base64 encoded.")
        }
        guard credentials.password.isEmpty else { return nil }
        guard !credentials.user.isEmpty,
            let key = try orUnavailable(directory.apiKey(PresentedCredential(credentials.user)))
        else { throw .unauthorized("API key is not valid") }
        guard key.isActive else { throw .unauthorized("Key is disabled") }
        return .apiKey(key)
    }

    private func remoteUser(of request: Request) throws(HTTPFailure) -> Caller {
        guard let login = request.remoteUser, !login.isEmpty else { return .anonymous(claimedLogin: nil) }
        guard let user = try orUnavailable(directory.user(login: login)), user.isActive else {
            return .anonymous(claimedLogin: login)
        }
        return .user(user, isActiveSuperuser: user.isSuperuser && request.allowsSuperuser)
    }
}
