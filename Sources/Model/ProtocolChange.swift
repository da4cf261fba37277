/// What is different between releases of the original, as far as Hookline follows it.
///
/// To add a change: a case, its row in `row`, and the place that asks `ProtocolRelease.includes`.
package enum ProtocolChange: CaseIterable, Sendable {
    /// Cookies and the hash of a session's password are signed with SHA-256 only; before, SHA-1 was accepted, too.
    case onlySHA256
    /// `Origin` is checked first, and the messages of the CSRF check are others.
    case originChecks
    /// API tokens are looked up by their SHA-256, and one that is limited to an organization is refused.
    case hashedTokens
    /// Teams give their members no role in the organization.
    case noTeamRoles
    /// The challenge of a 401 is `Bearer`; before, `xBasic`.
    case bearerChallenge
    /// An app whose owner does not exist is a 403; before, a 500.
    case missingOwnerIsForbidden
    /// A 403 for a token without the scope has a challenge that names the scopes.
    case scopeChallenge
    /// Apps are not disabled any more when they keep failing.
    case noAutomaticDisabling
    /// An app whose webhooks time out too often gets none for a while.
    case circuitBreaker

    /// When a change came, and how that is known.
    package struct Row: Hashable, Sendable {
        /// The first release with the change.
        package let first: ProtocolRelease
        /// Whether another release may be the first one: what is known leaves several.
        package let isAssumed: Bool
        /// The section of docs/protocol.md that describes the change.
        package let section: String

        init(_ year: Int, _ month: Int, section: String, isAssumed: Bool = false) {
            first = ProtocolRelease(year, month)
            self.section = section
            self.isAssumed = isAssumed
        }
    }

    /// The table of changes.
    package var row: Row {
        switch self {
        case .onlySHA256: Row(24, 1, section: "5.3")
        case .originChecks: Row(24, 1, section: "5.4")
        case .hashedTokens: Row(24, 3, section: "5.2")
        case .noTeamRoles: Row(24, 6, section: "5.1", isAssumed: true)
        case .bearerChallenge: Row(26, 1, section: "2.7", isAssumed: true)
        case .missingOwnerIsForbidden: Row(26, 6, section: "5.5", isAssumed: true)
        case .scopeChallenge: Row(26, 7, section: "2.7", isAssumed: true)
        case .noAutomaticDisabling: Row(25, 3, section: "7.6", isAssumed: true)
        case .circuitBreaker: Row(26, 9, section: "7.9", isAssumed: true)
        }
    }
}
