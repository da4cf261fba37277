/// What the changes are about, for messages to the operator.
extension ProtocolChange {
    /// A phrase without an article before it: `who may read the log`.
    package var subject: String {
        switch self {
        case .onlySHA256: "hashes of session cookies"
        case .originChecks: "the check of unsafe requests with a session"
        case .hashedTokens: "how tokens are looked up"
        case .noTeamRoles: "roles of teams"
        case .bearerChallenge: "WWW-Authenticate of a 401"
        case .missingOwnerIsForbidden: "an app without its owner"
        case .scopeChallenge: "WWW-Authenticate of a 403"
        case .appsByID: "apps by id"
        case .moreExposedHeaders: "Access-Control-Expose-Headers"
        case .unknownAppMessage: "the message about an unknown app"
        case .secretForADay: "how long the details have the secret"
        case .seerEvents: "events about Seer"
        case .noRequestsRoute: "the route requests/"
        case .metadataInDetails: "metadata in the details"
        case .integerEpochs: "epochs of interactions"
        case .isDisabledInDetails: "isDisabled in the details"
        case .disabledAppsAreRefused: "endpoints of disabled apps"
        case .hiddenAppsAreForbidden: "details of unpublished apps for outsiders"
        case .webhookEventsInDetails: "webhookEvents in the details"
        case .webhookHeadersInDetails: "webhookHeaders in the details"
        case .logForWriters: "who may read the log"
        case .oneEventIsSorted: "the order of a single event's log"
        case .renamedEvents: "names of events"
        case .noAutomaticDisabling: "automatic disabling"
        case .circuitBreaker: "circuit breakers"
        case .detailsInRows: "headers and bodies in rows of the log"
        case .archivedAlias: "subscriptions to issue.archived"
        case .requestFields: "ids, subjects and durations in rows of the log"
        case .connectionErrorCode: "the code of failed connections"
        case .plainBodies: "how bodies are stored"
        case .numericProject: "the project of a receiver's error"
        case .idempotencyKey: "the header Idempotency-Key"
        case .outagesAreFinal: "retries after a 503 or 504"
        }
    }
}
