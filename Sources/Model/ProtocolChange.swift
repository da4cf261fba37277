/// What is different between releases of the original, as far as Hookline follows it.
///
/// To add a change: a case, its row in `row`, its phrase in `subject`, and the place that asks
/// `ProtocolRules.includes`.
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
    /// A path may have an app's id in place of its slug.
    case appsByID
    /// More headers of a response are exposed to pages of other origins.
    case moreExposedHeaders
    /// The message about an app that does not exist is another one.
    case unknownAppMessage
    /// The details have no secret any more when the app is a day old.
    case secretForADay
    /// Events about Seer and size analyses can be stored.
    case seerEvents
    /// `requests/` is gone.
    case noRequestsRoute
    /// The details have the member `metadata`.
    case metadataInDetails
    /// The epochs of interactions are integers; before, floats.
    case integerEpochs
    /// The details have the member `isDisabled`.
    case isDisabledInDetails
    /// An option lets the endpoints of a disabled app respond with 403.
    case disabledAppsAreRefused
    /// The details of an unpublished app are a 403 for outsiders, with a message; before, a 404.
    case hiddenAppsAreForbidden
    /// The details have the member `webhookEvents`.
    case webhookEventsInDetails
    /// The details have the member `webhookHeaders`.
    case webhookHeadersInDetails
    /// Only who may change the organization may read the log; before, every member.
    case logForWriters
    /// The log of one event is sorted by date like that of several; before, it had the order of its list.
    case oneEventIsSorted
    /// Some events have other names, and alerts about activities can be stored.
    case renamedEvents
    /// Apps are not disabled any more when they keep failing.
    case noAutomaticDisabling
    /// An app whose webhooks time out too often gets none for a while.
    case circuitBreaker

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
        /// Whether the change takes rights away, or lets fewer credentials pass: where the release is not known exactly
        /// it holds as soon as one of the possible releases has it.
        package let isRestriction: Bool
        /// The section of docs/protocol.md that describes the change.
        package let section: String

        init(_ year: Int, _ month: Int, section: String, isAssumed: Bool = false, isRestriction: Bool = false) {
            first = ProtocolRelease(year, month)
            self.section = section
            self.isAssumed = isAssumed
            self.isRestriction = isRestriction
        }
    }

    /// The table of changes.
    package var row: Row {
        switch self {
        case .onlySHA256: Row(24, 1, section: "5.3", isRestriction: true)
        case .originChecks: Row(24, 1, section: "5.4", isRestriction: true)
        case .hashedTokens: Row(24, 3, section: "5.2", isRestriction: true)
        case .noTeamRoles: Row(24, 6, section: "5.1", isAssumed: true, isRestriction: true)
        case .bearerChallenge: Row(26, 1, section: "2.7", isAssumed: true)
        case .missingOwnerIsForbidden: Row(26, 6, section: "5.5", isAssumed: true)
        case .scopeChallenge: Row(26, 7, section: "2.7", isAssumed: true)
        case .appsByID: Row(24, 10, section: "2.1", isAssumed: true)
        case .moreExposedHeaders: Row(25, 1, section: "2.7", isAssumed: true)
        case .unknownAppMessage: Row(25, 1, section: "2.7", isAssumed: true)
        case .secretForADay: Row(25, 1, section: "4.2", isAssumed: true, isRestriction: true)
        case .seerEvents: Row(25, 7, section: "7.10", isAssumed: true)
        case .noRequestsRoute: Row(25, 12, section: "2.1")
        case .metadataInDetails: Row(26, 1, section: "4.2", isAssumed: true)
        case .integerEpochs: Row(26, 2, section: "3.3")
        case .isDisabledInDetails: Row(26, 5, section: "4.2")
        case .disabledAppsAreRefused: Row(26, 5, section: "12.2", isAssumed: true, isRestriction: true)
        case .hiddenAppsAreForbidden: Row(26, 6, section: "5.5", isAssumed: true)
        case .webhookEventsInDetails: Row(26, 8, section: "4.2", isAssumed: true)
        case .webhookHeadersInDetails: Row(26, 8, section: "4.2", isAssumed: true)
        case .logForWriters: Row(26, 9, section: "5.5", isAssumed: true, isRestriction: true)
        case .oneEventIsSorted: Row(26, 9, section: "1.7", isAssumed: true)
        case .renamedEvents: Row(26, 9, section: "7.10", isAssumed: true)
        case .noAutomaticDisabling: Row(25, 3, section: "7.6", isAssumed: true)
        case .circuitBreaker: Row(26, 9, section: "7.9", isAssumed: true)
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
