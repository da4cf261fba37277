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

    // The request log, and sending.

    /// Rows of the log in responses have the details of failures, in snake case, and the organization's id.
    case detailsInRows
    /// A subscription to `issue.archived` is one to `issue.ignored`.
    case archivedAlias
    /// Rows have `request_id`, `idempotency_key`, the subject and the duration, in Redis and in responses.
    case requestFields
    /// The code of an attempt that failed without a timeout is -1; before, 0.
    case connectionErrorCode
    /// Bodies are stored as plain text; before, as JSON strings.
    case plainBodies
    /// The project in a receiver's response counts only when it is a number, and is stored as one.
    case numericProject
    /// Webhooks have the header `Idempotency-Key`.
    case idempotencyKey
    /// A 503 and a 504 are not retried.
    case outagesAreFinal

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
        case .detailsInRows: Row(26, 8, section: "2.9", isAssumed: true)
        case .archivedAlias: Row(26, 8, section: "7.1", isAssumed: true)
        case .requestFields: Row(26, 9, section: "1.4", isAssumed: true)
        case .connectionErrorCode: Row(26, 9, section: "1.4", isAssumed: true)
        case .plainBodies: Row(26, 9, section: "1.5", isAssumed: true)
        case .numericProject: Row(26, 9, section: "1.4", isAssumed: true)
        case .idempotencyKey: Row(26, 9, section: "7.3", isAssumed: true)
        case .outagesAreFinal: Row(26, 9, section: "7.5", isAssumed: true)
        }
    }
}
