import Directory
import Model

/// A rule about who may use an endpoint (contract 5.5).
protocol Permission: SendableMetatype {
    /// Before the app is looked up, so that an outsider learns nothing about which slugs exist. Fails with 401 or 403.
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure)

    /// With the app at hand. Fails with 403 or, for endpoints that hide apps, with 404.
    static func admit(
        _ caller: Caller, method: Method, to app: SentryApp, directory: any Directory
    ) throws(HTTPFailure)
}

extension ScopeSet {
    /// What reading an organization's apps needs: any one of these.
    static let organizationReaders = ScopeSet([.orgRead, .orgIntegrations, .orgWrite, .orgAdmin])
}

/// What a caller may do in the organization that owns an app.
enum AppAccess {
    /// The scopes that count: a member's own, those of a token only as far as its user is a member, and those of an
    /// app for the token of its proxy user when the app is installed there (contract 5.5, step B 3).
    static func scopes(
        of caller: Caller, in organizationID: Int64, directory: any Directory
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

    private static func memberScopes(
        _ user: User, in organizationID: Int64, directory: any Directory
    ) throws(DirectoryError) -> ScopeSet {
        try directory.membership(userID: user.id, organizationID: organizationID)?.scopes ?? []
    }

    private static func proxyScopes(
        _ user: User, in organizationID: Int64, directory: any Directory
    ) throws(DirectoryError) -> ScopeSet {
        guard let app = try directory.app(proxyUserID: user.id),
            try directory.hasInstallation(appID: app.id, organizationID: organizationID)
        else { return [] }
        return app.scopes
    }
}
