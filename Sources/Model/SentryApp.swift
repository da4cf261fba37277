/// A third-party app ("Sentry app") that webhooks are sent to.
package struct SentryApp: Hashable, Sendable {
    /// Values are those of `sentry_sentryapp.status` (docs/protocol.md 6.1).
    package enum Status: Int, Sendable, CaseIterable {
        case unpublished = 0
        case published = 1
        case `internal` = 2
        case publishRequestInProgress = 3
        case deletionInProgress = 4

        /// The name in the API (docs/protocol.md 4.2).
        package var name: String {
            switch self {
            case .unpublished: "unpublished"
            case .published: "published"
            case .internal: "internal"
            case .publishRequestInProgress: "publish_request_inprogress"
            case .deletionInProgress: "deletion_in_progress"
            }
        }

        package init?(name: String) {
            guard let status = Status.allCases.first(where: { $0.name == name }) else { return nil }
            self = status
        }
    }

    package var id: Int64
    package var slug: String
    package var name: String
    /// The organization that owns the app.
    package var ownerID: Int64
    package var status: Status
    package var uuid: String
    package var author: String?
    package var overview: String?
    package var webhookURL: String?
    package var redirectURL: String?
    package var isAlertable: Bool
    package var verifyInstall: Bool
    /// The app's subscriptions: event names (`issue.created`) or resources (`issue`), as stored.
    package var events: [String]
    package var scopes: ScopeSet
    /// The UI schema: one JSON object, `{}` when there is none.
    package var schemaJSON: String
    package var popularity: Int
    /// The user that acts for the app.
    package var proxyUserID: Int64?
    package var clientID: String
    package var clientSecret: Secret
    package var allowedOrigins: [String]
    package var avatars: [Avatar]
    package var features: [Feature]
    package var dateAdded: Timestamp
    package var datePublished: Timestamp?
    /// The owner's headers on each webhook; they never replace the protocol's.
    package var customHeaders: [CustomHeader] = []
    /// Why further headers of the owner cannot be read, continuing "the app": nothing may be sent without them. Nil =
    /// there are none.
    package var headerProblem: String?
    /// The deadline of one webhook in milliseconds; nil for the worker's default.
    package var webhookTimeoutMilliseconds: Int?
    /// Whether the platform has disabled the app (`is_disabled`, docs/protocol.md 6.3), which counts only where a
    /// setting says so.
    package var isDisabledByPlatform = false
    /// What the original keeps about the app beside its columns: one JSON object.
    package var metadataJSON = "{}"
    /// The rules by which the app's webhooks are retried and the app is disabled; nil for those of the deployment.
    package var deliveryPolicy: DeliveryPolicyName?
    /// The private key of Ed25519 that webhooks are signed with, too (`SigningKeyPair`); nil = there is none.
    package var signingKey: Secret?
    /// The targets of the app's relay: one JSON text (`RelayTargets`), secret because their headers
    /// may be credentials. Nil = nothing is relayed for the app.
    package var relayTargets: Secret?
    /// Former client secrets and private keys that webhooks are signed with, too, the newest first; expired ones among
    /// them.
    package var previousSecrets: [PreviousSecret] = []
    /// The app's secrets that no key decrypts, because they are damaged in the directory: they are left out here, and
    /// nothing may be sent without them.
    package var damagedSecrets: [StoredSecret] = []
    /// Set while Hookline has disabled the app.
    package var disablement: Disablement?
    /// Set on a soft-deleted app: no lookup finds it, but its slug stays taken (docs/protocol.md 6.1).
    package var dateDeleted: Timestamp?

    /// Whether Hookline or the platform has disabled the app.
    package var isDisabled: Bool { disablement != nil || isDisabledByPlatform }
    /// What the app is subscribed to, or will be again when it is enabled.
    package var subscriptions: [String] { disablement?.events ?? events }

    /// A header of the app's owner; its value may be a credential.
    package struct CustomHeader: Hashable, Sendable {
        package var name: String
        package var value: Secret

        package init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// When and why an app was disabled, and what enabling restores.
    package struct Disablement: Hashable, Sendable {
        package var date: Timestamp
        package var reason: String
        /// The subscriptions before it was disabled.
        package var events: [String]

        package init(date: Timestamp, reason: String, events: [String]) {
            self.date = date
            self.reason = reason
            self.events = events
        }
    }

    package struct Avatar: Hashable, Sendable {
        package var type: String
        package var uuid: String
        package var isColor: Bool

        package init(type: String, uuid: String, isColor: Bool) {
            self.type = type
            self.uuid = uuid
            self.isColor = isColor
        }
    }

    package struct Feature: Hashable, Sendable {
        package var id: Int64
        package var gate: String
        package var description: String

        package init(id: Int64, gate: String, description: String) {
            self.id = id
            self.gate = gate
            self.description = description
        }
    }

    package init(
        id: Int64, slug: String, name: String, ownerID: Int64, status: Status, uuid: String, author: String? = nil,
        overview: String? = nil, webhookURL: String? = nil, redirectURL: String? = nil, isAlertable: Bool = false,
        verifyInstall: Bool = true, events: [String] = [], scopes: ScopeSet = [], schemaJSON: String = "{}",
        popularity: Int = 1, proxyUserID: Int64? = nil, clientID: String = "", clientSecret: Secret = Secret(""),
        allowedOrigins: [String] = [], avatars: [Avatar] = [], features: [Feature] = [],
        dateAdded: Timestamp = Timestamp(microseconds: 0), datePublished: Timestamp? = nil,
        dateDeleted: Timestamp? = nil
    ) {
        self.id = id
        self.slug = slug
        self.name = name
        self.ownerID = ownerID
        self.status = status
        self.uuid = uuid
        self.author = author
        self.overview = overview
        self.webhookURL = webhookURL
        self.redirectURL = redirectURL
        self.isAlertable = isAlertable
        self.verifyInstall = verifyInstall
        self.events = events
        self.scopes = scopes
        self.schemaJSON = schemaJSON
        self.popularity = popularity
        self.proxyUserID = proxyUserID
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.allowedOrigins = allowedOrigins
        self.avatars = avatars
        self.features = features
        self.dateAdded = dateAdded
        self.datePublished = datePublished
        self.dateDeleted = dateDeleted
    }
}

/// One UI element of an app, such as an issue link.
package struct SentryAppComponent: Hashable, Sendable {
    package var id: Int64
    package var appID: Int64
    /// `issue-link`, `stacktrace-link`, …; several components of an app may share a type.
    package var type: String
    /// One JSON object.
    package var schemaJSON: String

    package init(id: Int64, appID: Int64, type: String, schemaJSON: String = "{}") {
        self.id = id
        self.appID = appID
        self.type = type
        self.schemaJSON = schemaJSON
    }
}

/// The outcomes of an app's webhooks on one calendar day (docs/protocol.md 7.6).
package struct DailyOutcomes: Hashable, Sendable {
    /// Responses with a status below 300.
    package var successes: Int
    /// Responses with a status from 400 to 499, except 429.
    package var errors: Int
    /// Timeouts and connection failures.
    package var timeouts: Int
    /// Counted by the original for integrations other than apps only.
    package var fatals: Int

    package init(successes: Int = 0, errors: Int = 0, timeouts: Int = 0, fatals: Int = 0) {
        self.successes = successes
        self.errors = errors
        self.timeouts = timeouts
        self.fatals = fatals
    }
}
