import Directory
import Model

/// Finds out who is asking (design, section 3; contract 5.2).
struct Authenticator {
    /// Prefix of the original's organization tokens, which carry no right that any endpoint here asks for.
    private static let organizationTokenPrefix = "sntrys_"

    let directory: any DirectoryStore
    let now: Timestamp

    /// The caller of `request`.
    ///
    /// A bearer token goes before `REMOTE_USER`, and one that is no good fails with 401 even when the web server vouches
    /// for a user. `Authorization: Basic` is the web server's own affair as soon as it names a user; without one it is
    /// an API key, which the directory has none of.
    func caller(of request: Request) throws(HTTPFailure) -> Caller {
        switch try AuthorizationHeader(request.authorization) {
        case .bearer(let token): return try bearer(token)
        case .basic(let credentials) where (request.remoteUser ?? "").isEmpty: try refuseAPIKey(credentials)
        case .basic, .none: break
        }
        return try remoteUser(of: request)
    }

    private func bearer(_ text: String) throws(HTTPFailure) -> Caller {
        if text.hasPrefix(Authenticator.organizationTokenPrefix) { throw .unauthorized("Invalid org token") }
        let found: (token: APIToken, user: User?)?
        do {
            found = try lookUp(TokenDigest(hashing: text))
        } catch {
            throw .unavailable(error)
        }

        guard let (token, user) = found else { throw .unauthorized("Invalid token") }
        if let expiry = token.expiresAt, expiry < now { throw .unauthorized("Token expired") }
        guard let user, user.isActive else { throw .unauthorized("User inactive or deleted") }
        return .token(token, user)
    }

    private func lookUp(_ digest: TokenDigest) throws(DirectoryError) -> (token: APIToken, user: User?)? {
        guard let token = try directory.token(digest: digest) else { return nil }
        return (token, try directory.user(id: token.userID))
    }

    private func refuseAPIKey(_ credentials: String) throws(HTTPFailure) {
        guard let isKey = BasicCredentials.hasEmptyPassword(base64: credentials) else {
            throw .unauthorized("Invalid basic header. Credentials not correctly base64 encoded.")
        }
        if isKey { throw .unauthorized("API key is not valid") }
    }

    private func remoteUser(of request: Request) throws(HTTPFailure) -> Caller {
        guard let login = request.remoteUser, !login.isEmpty else { return .anonymous(claimedLogin: nil) }
        let user: User?
        do {
            user = try directory.user(login: login)
        } catch {
            throw .unavailable(error)
        }

        guard let user, user.isActive else { return .anonymous(claimedLogin: login) }
        return .user(user, isActiveSuperuser: user.isSuperuser && request.allowsSuperuser)
    }
}
