import Directory
import Model

/// The rights of a caller in the organization that owns an app.
enum AppAccess {
    /// The effective scopes: a member's own, those of a token limited to its user's, and those of an app for the token
    /// of its proxy user when the app is installed there (docs/protocol.md 5.5).
    static func scopes(
        of caller: Caller, in organizationID: Int64, directory: any DirectoryStore
    ) throws(HTTPFailure) -> ScopeSet {
        switch caller {
        case .anonymous: []
        case .user(let user, _): try memberScopes(user, in: organizationID, directory: directory)
        case .token(_, let user) where user.isSentryApp:
            try proxyScopes(user, in: organizationID, directory: directory)
        case .token(let token, let user):
            token.scopes.intersection(try memberScopes(user, in: organizationID, directory: directory))
        }
    }

    /// Whether the caller, or the token's user, is a member of the organization.
    static func isMember(
        _ caller: Caller, of organizationID: Int64, directory: any DirectoryStore
    ) throws(HTTPFailure) -> Bool {
        guard let user = caller.user else { return false }
        return try orUnavailable(directory.membership(userID: user.id, organizationID: organizationID)) != nil
    }

    private static func memberScopes(
        _ user: User, in organizationID: Int64, directory: any DirectoryStore
    ) throws(HTTPFailure) -> ScopeSet {
        try orUnavailable(directory.membership(userID: user.id, organizationID: organizationID))?.scopes ?? []
    }

    private static func proxyScopes(
        _ user: User, in organizationID: Int64, directory: any DirectoryStore
    ) throws(HTTPFailure) -> ScopeSet {
        guard let app = try orUnavailable(directory.app(proxyUserID: user.id)),
            try orUnavailable(directory.hasInstallation(appID: app.id, organizationID: organizationID))
        else { return [] }
        return app.scopes
    }
}
