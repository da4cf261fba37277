import Directory
import Model

/// The rule of enqueuing events: programs only. The platform itself, by a token with a scope for that, for every
/// installation; others by a token with `event:write` for the installations of an organization that the token's user is
/// a member of, if the member's role has the scope too.
///
/// For all others an installation does not exist: its UUID is in every webhook, so knowing it proves nothing, and a
/// refusal must not confirm it.
enum EventPermission {
    private static let platform = ScopeSet(.hooklineEnqueue)
    private static let writer = ScopeSet(.eventWrite)

    /// Before the installation is looked up. Fails with 401 or 403.
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure) {
        switch caller {
        case .user where method == "POST", .apiKey where method == "POST": throw .tokenRequired
        case .user, .apiKey: return
        case .anonymous, .token, .organizationToken: try caller.require(anyOf: platform.union(writer))
        }
    }

    /// After the installation was looked up. Fails with 404 for callers who are not members of its organization, with
    /// 403 for members whose token or role lacks the scope.
    static func admit(
        _ caller: Caller, to installation: Installation, access: AppAccess
    ) throws(HTTPFailure) {
        try admit(caller, to: installation.organizationID, access: access)
    }

    /// The same for all installations of an organization, which does not exist for others either.
    static func admit(_ caller: Caller, to organizationID: Int64, access: AppAccess) throws(HTTPFailure) {
        guard case .token(let token, let user, _) = caller else { throw .tokenRequired }
        if token.scopes.isSuperset(of: platform) { return }
        guard let scopes = try access.memberScopes(userID: user.id, in: organizationID) else {
            throw .notFound
        }
        guard token.scopes.intersection(scopes).isSuperset(of: writer) else { throw .forbidden }
    }
}
