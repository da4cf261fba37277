/// An organization's API key (`sentry_apikey`), which acts for the organization and for no user.
package struct APIKey: Hashable, Sendable {
    package var id: Int64
    package var organizationID: Int64
    package var scopes: ScopeSet
    /// Whether the key may be used.
    package var isActive: Bool
    /// Origins from which browsers may use the key.
    package var allowedOrigins: [String]

    package init(
        id: Int64, organizationID: Int64, scopes: ScopeSet, isActive: Bool = true, allowedOrigins: [String] = []
    ) {
        self.id = id
        self.organizationID = organizationID
        self.scopes = scopes
        self.isActive = isActive
        self.allowedOrigins = allowedOrigins
    }
}

/// An organization's token (`sentry_orgauthtoken`), which is for uploads: it has no scope that an endpoint of Hookline
/// needs.
package struct OrganizationToken: Hashable, Sendable {
    package var id: Int64
    package var organizationID: Int64

    package init(id: Int64, organizationID: Int64) {
        self.id = id
        self.organizationID = organizationID
    }
}

/// What a session cookie of the original is checked against (docs/protocol.md 5.3).
package struct SessionUser: Hashable, Sendable {
    package var user: User
    /// `auth_user.password`: the hash of the user's password, empty for users who cannot sign in by one.
    package var passwordHash: Secret
    /// `auth_user.session_nonce`: replaced to end all sessions of the user; nil or empty = sessions need none.
    package var nonce: Secret?

    package init(user: User, passwordHash: Secret, nonce: Secret? = nil) {
        self.user = user
        self.passwordHash = passwordHash
        self.nonce = nonce
    }
}
