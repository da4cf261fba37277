import Model
import WebhookRules
import WireJSON

/// An app in JSON: the original's members in the original's order (docs/protocol.md 4.2).
enum AppDocument {
    /// The members for the owning organization and superusers only.
    struct OwnersPart {
        /// Whether the secret is included; otherwise it is replaced by asterisks.
        var showsSecret: Bool
        var organizationSlug: String?
    }

    static let hiddenSecret = String(repeating: "*", count: 64)
    /// How long later releases show the secret: one day, in seconds.
    private static let secretSeconds: Int64 = 86_400

    /// - Parameter hasOwnSettings: whether the settings that Hookline keeps are included, as answers of the management
    ///   API have them.
    static func json(
        of app: SentryApp, for ownersPart: OwnersPart?, _ context: borrowing RequestContext,
        hasOwnSettings: Bool = false
    ) -> [UInt8] {
        let rules = context.rules
        var json = JSONObjectWriter()
        json.append("allowedOrigins", texts: app.allowedOrigins)
        json.append("author", text: app.author)
        json.append("avatars", objects: app.avatars.map(avatar))
        json.append("events", texts: resources(of: app.events))
        json.append("featureData", objects: app.status == .internal ? [] : app.features.map(feature))
        json.append("isAlertable", bool: app.isAlertable)
        if rules.includes(.isDisabledInDetails) { json.append("isDisabled", bool: app.isDisabled) }
        if rules.includes(.metadataInDetails) { json.append("metadata", json: Array(app.metadataJSON.utf8)) }
        json.append("name", text: app.name)
        json.append("overview", text: app.overview)
        json.append("popularity", number: Int64(app.popularity))
        json.append("redirectUrl", text: app.redirectURL)
        json.append("schema", json: Array(app.schemaJSON.utf8))
        json.append("scopes", texts: app.scopes.scopes.map(\.rawValue))
        json.append("slug", text: app.slug)
        json.append("status", text: app.status.name)
        json.append("uuid", text: app.uuid)
        json.append("verifyInstall", bool: app.verifyInstall)
        if rules.includes(.webhookEventsInDetails) {
            let events = app.events.flatMap { context.events.events(subscribedBy: $0) }
            json.append("webhookEvents", texts: EventCatalogue(events).events.map(\.rawValue))
        }
        json.append("webhookUrl", text: app.webhookURL)
        if app.status == .published, let date = app.datePublished {
            json.append("datePublished", text: date.iso8601Description)
        }
        if let ownersPart { append(ownersPart, of: app, to: &json, context) }
        let now = context.now()
        if hasOwnSettings {
            json.append("hookline", json: ownSettings(of: app, at: now))
        } else if !app.signingKeys(at: now).isEmpty {
            // The original has no such member; its frontend ignores it.
            var keys = JSONObjectWriter()
            append(publicKeysOf: app, to: &keys, at: now)
            json.append("hookline", json: keys.finish())
        }
        return json.finish()
    }

    private static func append(
        _ part: OwnersPart, of app: SentryApp, to json: inout JSONObjectWriter, _ context: borrowing RequestContext
    ) {
        let isPast = app.dateAdded.adding(seconds: secretSeconds) <= context.now()
        let isDamaged = app.damagedSecrets.contains(.clientSecret)
        let secret = part.showsSecret ? (isDamaged ? nil : app.clientSecret.exposed) : hiddenSecret
        json.append("clientId", text: app.clientID)
        json.append("clientSecret", text: isPast && context.rules.includes(.secretForADay) ? nil : secret)
        var owner = JSONObjectWriter()
        owner.append("id", number: app.ownerID)
        owner.append("slug", text: part.organizationSlug)
        json.append("owner", json: owner.finish())
        guard context.rules.includes(.webhookHeadersInDetails) else { return }
        // A header's value may be a credential, and its name is nobody else's business.
        json.append("webhookHeaders", texts: app.customHeaders.map { "\($0.name): \(hiddenSecret)" })
    }

    private static func ownSettings(of app: SentryApp, at now: Timestamp) -> [UInt8] {
        var json = JSONObjectWriter()
        // Those of `events` are resources, and `webhookEvents` is missing before 26.8.
        json.append("subscriptions", texts: app.subscriptions)
        json.append("deliveryPolicy", text: app.deliveryPolicy?.rawValue)
        json.append(
            "webhookTimeoutMs", json: Array((app.webhookTimeoutMilliseconds.map { "\($0)" } ?? "null").utf8))
        json.append("webhookHeaders", texts: app.customHeaders.map { "\($0.name): \(hiddenSecret)" })
        json.append("targets", objects: RelayTargetDocument.settings(of: app))
        json.append(
            "previousSecretsValidUntil",
            texts: app.previousSecrets.map(\.validUntil.truncatedToSeconds.iso8601Description))
        append(publicKeysOf: app, to: &json, at: now)
        return json.finish()
    }

    /// The current public key, and all that signatures can be checked with, the newest first.
    static func append(publicKeysOf app: SentryApp, to json: inout JSONObjectWriter, at now: Timestamp) {
        json.append("publicKey", text: app.signingKey.flatMap { SigningKeyPair(privateKey: $0)?.publicKey })
        json.append("publicKeys", texts: app.publicKeys(at: now))
    }

    /// `issue.created` and `issue.resolved` are both of the resource `issue`, which is what the settings page offers.
    static func resources(of events: [String]) -> [String] {
        var seen = Set<Substring>()
        return events.compactMap { $0.split(separator: ".").first }.filter { seen.insert($0).inserted }.map(String.init)
    }

    private static func avatar(_ avatar: SentryApp.Avatar) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("avatarType", text: avatar.type)
        json.append("avatarUuid", text: avatar.uuid)
        json.append("color", bool: avatar.isColor)
        return json.finish()
    }

    private static func feature(_ feature: SentryApp.Feature) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("featureId", number: feature.id)
        json.append("featureGate", text: feature.gate)
        json.append("description", text: feature.description)
        return json.finish()
    }
}
