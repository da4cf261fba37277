import Directory
import Model

/// The rights of callers in the organizations that own apps.
struct AppAccess {
    let directory: any AppListing
    let rules: ProtocolRules

    /// The effective scopes: a member's own, those of a token limited to its user's, those of an app for its proxy user
    /// where the app is installed, and those of an API key in its own organization (docs/protocol.md 5.5).
    func scopes(of caller: Caller, in organizationID: Int64) throws(HTTPFailure) -> ScopeSet {
        switch caller {
        case .anonymous, .organizationToken: []
        case .user(let user, _) where user.isSentryApp, .token(_, let user, _) where user.isSentryApp:
            try proxyScopes(user, in: organizationID)
        case .user(let user, _): try memberScopes(user, in: organizationID)
        case .token(let token, let user, _): token.scopes.intersection(try memberScopes(user, in: organizationID))
        case .apiKey(let key): key.organizationID == organizationID ? key.scopes : []
        }
    }

    /// The scopes of a member; nil for a user who is none.
    func memberScopes(userID: Int64, in organizationID: Int64) throws(HTTPFailure) -> ScopeSet? {
        try orUnavailable(directory.membership(userID: userID, organizationID: organizationID))
            .map { scopes(of: $0) }
    }

    /// Those of all roles that count.
    func scopes(of membership: Membership) -> ScopeSet {
        rules.includes(.noTeamRoles) ? membership.role.scopes : membership.scopes
    }

    /// Fails when the organization that owns the app does not exist: with 500 as in the original, with 403 as in its
    /// later releases.
    func requireOwner(of app: SentryApp) throws(HTTPFailure) {
        guard try orUnavailable(directory.organization(id: app.ownerID)) == nil else { return }
        throw rules.includes(.missingOwnerIsForbidden) ? .forbidden : .missingOwner(of: app)
    }

    /// The organization, where the app's details count the caller, or the token's user, as its member; nil otherwise.
    func organizationInCopies(
        id organizationID: Int64, ofMember caller: Caller
    ) throws(HTTPFailure) -> Organization? {
        guard let user = caller.user,
            try orUnavailable(directory.isMemberInCopies(userID: user.id, organizationID: organizationID))
        else { return nil }
        return try orUnavailable(directory.organizationInCopies(id: organizationID))
    }

    /// The slugs of the organizations that the caller, or the token's user, is a member of.
    func organizationSlugs(of caller: Caller) throws(HTTPFailure) -> [String] {
        guard let user = caller.user else { return [] }
        var slugs: [String] = []
        for membership in try orUnavailable(directory.memberships(userID: user.id)) {
            guard let organization = try orUnavailable(directory.organization(id: membership.organizationID)) else {
                continue
            }
            slugs.append(organization.slug)
        }
        return slugs
    }

    private func memberScopes(_ user: User, in organizationID: Int64) throws(HTTPFailure) -> ScopeSet {
        try memberScopes(userID: user.id, in: organizationID) ?? []
    }

    private func proxyScopes(_ user: User, in organizationID: Int64) throws(HTTPFailure) -> ScopeSet {
        guard let app = try orUnavailable(directory.app(proxyUserID: user.id)),
            try orUnavailable(directory.hasInstallation(appID: app.id, organizationID: organizationID))
        else { return [] }
        return app.scopes
    }
}
