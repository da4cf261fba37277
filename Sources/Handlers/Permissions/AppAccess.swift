import Directory
import Model

/// What a caller may do in the organization that owns an app.
enum AppAccess {
    /// The scopes that count: a member's own, those of a token only as far as its user is a member, and those of an
    /// app for the token of its proxy user when the app is installed there (contract 5.5, step B 3).
    static func scopes(
        of caller: Caller, in organizationID: Int64, directory: any DirectoryStore
    ) throws(HTTPFailure) -> ScopeSet {
        do {
            switch caller {
            case .anonymous: return []
            case .user(let user, _):
                return try memberScopes(user, in: organizationID, directory: directory)
            case .token(_, let user) where user.isSentryApp:
                return try proxyScopes(user, in: organizationID, directory: directory)
            case .token(let token, let user):
                return token.scopes.intersection(try memberScopes(user, in: organizationID, directory: directory))
            }
        } catch {
            throw .unavailable(error)
        }
    }

    /// Whether the caller, or the token's user, is a member of the organization.
    static func isMember(
        _ caller: Caller, of organizationID: Int64, directory: any DirectoryStore
    ) throws(HTTPFailure) -> Bool {
        guard let user = caller.user else { return false }
        do {
            return try directory.membership(userID: user.id, organizationID: organizationID) != nil
        } catch {
            throw .unavailable(error)
        }
    }

    private static func memberScopes(
        _ user: User, in organizationID: Int64, directory: any DirectoryStore
    ) throws(DirectoryError) -> ScopeSet {
        try directory.membership(userID: user.id, organizationID: organizationID)?.scopes ?? []
    }

    private static func proxyScopes(
        _ user: User, in organizationID: Int64, directory: any DirectoryStore
    ) throws(DirectoryError) -> ScopeSet {
        guard let app = try directory.app(proxyUserID: user.id),
            try directory.hasInstallation(appID: app.id, organizationID: organizationID)
        else { return [] }
        return app.scopes
    }
}
