import Directory
import Model

/// The rule of the management API (docs/management-api.md): apps are changed by those who have `org:write` or
/// `org:admin` in the organization that owns them, installations by those who have it in the organization that
/// installs, and everything by administrators.
enum ManagementPermission {
    static let writers = ScopeSet([.orgWrite, .orgAdmin])
    static let administrators = ScopeSet(.hooklineAdmin)

    /// Before anything that the path names is looked up. Fails with 401 or 403.
    ///
    /// - Parameter scopes: those of which a token needs one, unless it is an administrator's.
    static func admit(_ caller: Caller, anyOf scopes: ScopeSet = writers) throws(HTTPFailure) {
        if isAdministrator(caller) { return }
        try caller.require(anyOf: scopes)
    }

    /// Fails with 401 or 403 for everybody but administrators: a token has to have the scope for it, whatever its user
    /// may do.
    static func admitAdministrator(_ caller: Caller) throws(HTTPFailure) {
        switch caller {
        case .anonymous: throw .notAuthenticated
        case .user(_, let isActiveSuperuser): if !isActiveSuperuser { throw .forbidden }
        case .token(let token, _, _):
            if token.scopes.isDisjoint(with: administrators) { throw .missingScope(of: administrators) }
        case .apiKey, .organizationToken: throw .forbidden
        }
    }

    /// Whether the caller may do everything: a token with `hookline:admin`, or an active superuser, whose tokens need
    /// the right to write at all.
    static func isAdministrator(_ caller: Caller) -> Bool {
        switch caller {
        case .user(_, let isActiveSuperuser): isActiveSuperuser
        case .token(let token, _, let isActiveSuperuser):
            token.scopes.isSuperset(of: administrators)
                || isActiveSuperuser && !token.scopes.isDisjoint(with: writers)
        case .anonymous, .apiKey, .organizationToken: false
        }
    }

    /// The scopes that the caller has in an organization: those of an administrator are all, those of a token at most
    /// its own, also where it acts for an app.
    static func scopes(
        of caller: Caller, in organizationID: Int64, access: AppAccess
    ) throws(HTTPFailure) -> ScopeSet {
        if isAdministrator(caller) { return .all }
        let scopes = try access.scopes(of: caller, in: organizationID)
        guard case .token(let token, _, _) = caller else { return scopes }
        return scopes.intersection(token.scopes)
    }

    /// Fails with 403 unless the caller has one of `scopes` in the organization.
    static func require(
        anyOf scopes: ScopeSet = writers, of caller: Caller, in organizationID: Int64, access: AppAccess
    ) throws(HTTPFailure) {
        if try Self.scopes(of: caller, in: organizationID, access: access).isDisjoint(with: scopes) {
            throw .forbidden
        }
    }
}
