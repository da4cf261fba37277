/// An API token as the directory keeps it: never in clear, only its SHA-256.
package struct APIToken: Hashable, Sendable {
    package var id: Int64
    package var digest: TokenDigest
    package var userID: Int64
    package var scopes: ScopeSet
    /// A label for people; may be empty.
    package var name: String
    package var expiresAt: Timestamp?
    /// When the token was made; nil where the store does not say.
    package var dateAdded: Timestamp?
    /// Space- or newline-separated origins that may use the token from a browser; nil for a plain user token, with
    /// which every `Origin` is refused (contract 2.2, step 3).
    package var allowedOrigins: [String]?

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

/// The SHA-256 of an API token's text: 64 lower-case hexadecimal digits.
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
