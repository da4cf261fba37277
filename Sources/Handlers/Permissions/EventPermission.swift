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
        case .anonymous: throw .notAuthenticated
        case .user where method == "POST": throw .tokenRequired
        case .user: return
        case .token(let token, _):
            guard !token.scopes.isDisjoint(with: platform.union(writer)) else { throw .forbidden }
        }
    }

    /// After the installation was looked up. Fails with 404 for callers who are not members of its organization, with
    /// 403 for members whose token or role lacks the scope.
    static func admit(
        _ caller: Caller, to installation: Installation, directory: any DirectoryStore
    ) throws(HTTPFailure) {
        guard case .token(let token, let user) = caller else { throw .tokenRequired }
        if token.scopes.isSuperset(of: platform) { return }
        let membership = try orUnavailable(
            directory.membership(userID: user.id, organizationID: installation.organizationID))
        guard let membership else { throw .notFound }
        guard token.scopes.intersection(membership.scopes).isSuperset(of: writer) else { throw .forbidden }
    }
}
