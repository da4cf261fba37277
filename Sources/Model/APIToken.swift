/// An API token as stored in the directory: only its SHA-256, never the token in clear.
package struct APIToken: Hashable, Sendable {
    package var id: Int64
    package var digest: TokenDigest
    package var userID: Int64
    package var scopes: ScopeSet
    /// A label; may be empty.
    package var name: String
    package var expiresAt: Timestamp?
    /// When the token was created; nil where the store does not have it.
    package var dateAdded: Timestamp?
    /// Origins from which browsers may use the token; nil for a plain user token, with which every `Origin` is refused
    /// (docs/protocol.md 2.2).
    package var allowedOrigins: [String]?
    /// Whether the OAuth application that the token was issued to is active; true for a token without one.
    package var isApplicationActive = true
    /// The only organization that the token is for: no route of an app accepts such a token (docs/protocol.md 5.2).
    package var scopingOrganizationID: Int64?

    package init(
        id: Int64, digest: TokenDigest, userID: Int64, scopes: ScopeSet, name: String = "",
        expiresAt: Timestamp? = nil, dateAdded: Timestamp? = nil, allowedOrigins: [String]? = nil
    ) {
        self.id = id
        self.digest = digest
        self.userID = userID
        self.scopes = scopes
        self.name = name
        self.expiresAt = expiresAt
        self.dateAdded = dateAdded
        self.allowedOrigins = allowedOrigins
    }
}

/// The SHA-256 of an API token: 64 lower-case hexadecimal digits.
package struct TokenDigest: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    /// Nil unless `rawValue` is 64 lower-case hexadecimal digits.
    package init?(rawValue: String) {
        guard rawValue.utf8.count == 64,
            rawValue.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }
}
