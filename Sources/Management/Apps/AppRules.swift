import Directory
package import Model

/// What an app that people create or change must fit, and what the caller may do.
package struct AppRules {
    /// The events that there are; apps can subscribe to most of them.
    package var events: EventCatalogue
    package var webhookURL: WebhookURLRule
    /// The organization that owns the apps. One that has another owner by now is not changed.
    package var organizationID: Int64
    /// The scopes that the caller has in the organization, and so may give.
    package var ownScopes: ScopeSet
    /// Whether the caller may do everything: publish apps, delete published ones, and install any app anywhere.
    package var isAdministrator: Bool

    package init(
        events: EventCatalogue, webhookURL: WebhookURLRule, organizationID: Int64, ownScopes: ScopeSet,
        isAdministrator: Bool
    ) {
        self.events = events
        self.webhookURL = webhookURL
        self.organizationID = organizationID
        self.ownScopes = ownScopes
        self.isAdministrator = isAdministrator
    }

    /// The longest name of an app, in characters: the original's.
    package static let maximumNameLength = 64
    /// The longest author, in characters.
    package static let maximumAuthorLength = 256
    /// The longest overview and URL, in bytes.
    package static let maximumTextByteCount = 4096
    /// The largest UI schema as compact JSON, in bytes: the front end loads those of all installed apps at once.
    package static let maximumSchemaByteCount = 65_536
    /// The longest list of events, scopes or origins.
    package static let maximumListCount = 100

    /// The event names that a subscription stands for, in the order of the catalogue; nil when there is no such event
    /// or resource, or when no app can subscribe to it.
    func events(subscribedBy name: String) -> [EventType]? {
        let found = events.events(subscribedBy: name).filter { $0.needsSubscription && events.contains($0) }
        return found.isEmpty ? nil : found
    }

    /// What an app can subscribe to, for messages.
    var subscriptions: String {
        var seen = Set<String>()
        let resources = events.events.filter(\.needsSubscription).compactMap(\.parts?.resource)
            .filter { seen.insert($0).inserted }
        return resources.joined(separator: ", ")
    }
}

extension Slug {
    /// A slug made of a name: lower-case letters and digits, with hyphens in place of everything else.
    package static func made(of name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return String(words.joined(separator: "-").prefix(100))
    }
}
