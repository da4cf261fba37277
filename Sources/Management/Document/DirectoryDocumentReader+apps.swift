import Directory
import Model
import WebhookRules
import WireJSON

extension DirectoryDocumentReader {
    func app(_ fields: ObjectReader) -> DirectoryDocument.AppEntry? {
        let id = fields.required("id", fields.id)
        let slug = fields.required("slug", fields.slug)
        let ownerID = fields.required("owner_id", fields.id)
        let status = fields.choice("status", SentryApp.Status.allCases, name: \.name)
        let schema = fields.value("schema")
        let schemaText = fields.objectText("schema")
        if let elements = schema?["elements"] {
            UIElementCheck { fields.reportViolation("schema", path: $0, $1) }
                .check(elements: elements, path: fields.path(of: "schema") + ".elements")
        }
        let components =
            fields.list("components") { component($0, path: $1, of: fields) }
            ?? schema.map { componentsOfSchema($0, path: fields.path(of: "schema")) } ?? []
        let added = fields.timestamp("date_added")

        var app = SentryApp(
            id: id ?? 0, slug: slug ?? "", name: fields.string("name") ?? slug ?? "", ownerID: ownerID ?? 0,
            status: status ?? .unpublished, uuid: fields.text("uuid") ?? DerivedUUID.text(kind: "app", id: id ?? 0),
            author: fields.string("author"), overview: fields.string("overview"),
            webhookURL: webhookURL(fields), redirectURL: fields.string("redirect_url"),
            isAlertable: fields.flag("is_alertable", default: false),
            verifyInstall: fields.flag("verify_install", default: true))
        app.events = fields.words("events") ?? []
        app.scopes = fields.scopes("scopes")
        app.schemaJSON = schemaText ?? schemaOfComponents(components)
        app.popularity = Int(fields.integer("popularity") ?? 1)
        app.proxyUserID = fields.id("proxy_user_id")
        app.clientID = fields.string("client_id") ?? ""
        app.clientSecret = clientSecret(fields)
        app.allowedOrigins = fields.words("allowed_origins") ?? []
        app.avatars = fields.list("avatars", avatar) ?? []
        app.features = fields.list("features", feature) ?? []
        app.customHeaders = CustomHeaderList(fields, "webhook_headers").headers
        app.webhookTimeoutMilliseconds = fields.webhookTimeout("webhook_timeout_ms")
        app.deliveryPolicy = fields.choice("delivery_policy", DeliveryPolicyName.allCases, name: \.rawValue)
        let previousSecrets = previousSecrets(fields, current: app.clientSecret)
        app.previousSecrets = previousSecrets ?? []
        let signingKey = signingKey(fields)
        app.signingKey = signingKey?.exposed.isEmpty == true ? nil : signingKey
        let targets = RelayTargetList(fields, "targets", hosts: hosts).targets
        app.relayTargets = targets?.stored
        app.disablement = disablement(fields, currentEvents: app.events)
        app.datePublished = fields.timestamp("date_published")
        app.dateDeleted = fields.timestamp("date_deleted")
        guard id != nil, slug != nil, ownerID != nil else { return nil }
        return DirectoryDocument.AppEntry(
            app: app, dateAdded: added, components: components, keepsDisablement: fields.value("disabled") == nil,
            keepsPreviousSecrets: previousSecrets == nil, keepsSigningKey: signingKey == nil,
            keepsRelayTargets: targets == nil)
    }

    /// A component is a string (its type) or an object.
    private func component(_ value: JSONValue, path: String, of app: ObjectReader) -> DirectoryDocument.Component? {
        if case .string(let type) = value {
            guard !type.isEmpty else {
                problems.report(path, "must not be empty")
                return nil
            }
            guard let type = problems.storable(type, path: path) else { return nil }
            return DirectoryDocument.Component(type: type, schemaJSON: UIElement.complete(type: type).compactText)
        }
        guard let fields = ObjectReader(value, path: path, problems: problems) else { return nil }
        defer { fields.finish() }
        let id = fields.id("id")
        let type = fields.required("type", fields.text)
        let schemaText = fields.objectText("schema")
        if let schema = fields.value("schema"), schemaText != nil, let type {
            UIElementCheck { app.reportViolation("components", path: $0, $1) }
                .check(schema, ofType: type, path: fields.path(of: "schema"))
        }
        return type.map {
            DirectoryDocument.Component(
                id: id, type: $0, schemaJSON: schemaText ?? UIElement.complete(type: $0).compactText)
        }
    }

    private func avatar(_ value: JSONValue, path: String) -> SentryApp.Avatar? {
        guard let fields = ObjectReader(value, path: path, problems: problems) else { return nil }
        defer { fields.finish() }
        let type = fields.required("type", fields.text)
        let uuid = fields.required("uuid", fields.text)
        let isColor = fields.flag("color", default: false)
        guard let type, let uuid else { return nil }
        return SentryApp.Avatar(type: type, uuid: uuid, isColor: isColor)
    }

    private func feature(_ value: JSONValue, path: String) -> SentryApp.Feature? {
        guard let fields = ObjectReader(value, path: path, problems: problems) else { return nil }
        defer { fields.finish() }
        let id = fields.required("id", fields.integer)
        let gate = fields.required("gate", fields.text)
        let description = fields.string("description")
        guard let id, let gate else { return nil }
        return SentryApp.Feature(id: id, gate: gate, description: description ?? "")
    }

    /// The schema of an app without one: its components are the elements.
    private func schemaOfComponents(_ components: [DirectoryDocument.Component]) -> String {
        guard !components.isEmpty else { return "{}" }
        return "{\"elements\":[" + components.map(\.schemaJSON).joined(separator: ",") + "]}"
    }

    /// The components of an app with a schema only: its elements.
    private func componentsOfSchema(_ schema: JSONValue, path: String) -> [DirectoryDocument.Component] {
        guard case .array(let elements)? = schema["elements"] else { return [] }
        return elements.enumerated().compactMap { index, element in
            guard case .string(let text)? = element["type"], !text.isEmpty,
                let type = problems.storable(text, path: "\(path).elements[\(index)].type")
            else { return nil }
            return DirectoryDocument.Component(type: type, schemaJSON: element.compactText)
        }
    }
}

/// The app fields for delivery.
extension DirectoryDocumentReader {
    /// `webhook_url`, if webhooks can be sent to it. No message contains it: it may hold a password.
    func webhookURL(_ fields: ObjectReader) -> String? {
        guard let url = fields.string("webhook_url"), !url.isEmpty else { return nil }
        if let problem = hosts.problemOfURL(url) { fields.reportViolation("webhook_url", problem.reason) }
        return url
    }

    /// `client_secret`; empty when the document leaves it to the directory. No message contains it.
    func clientSecret(_ fields: ObjectReader) -> Secret {
        let secret = Secret(fields.string("client_secret") ?? "")
        guard !secret.exposed.isEmpty, let problem = SigningKey.problem(of: secret) else { return secret }
        if problem == .encrypted {
            // Not even in an export: it could not be read again.
            fields.report("client_secret", problem.description)
        } else {
            fields.reportViolation("client_secret", problem.description)
        }
        return secret
    }

    /// `signing_key`: a private key of Ed25519, or an empty text for none; nil when the document leaves it to the
    /// directory. No message contains it.
    func signingKey(_ fields: ObjectReader) -> Secret? {
        guard let key = fields.string("signing_key").map({ Secret($0) }) else { return nil }
        guard key.exposed.isEmpty || SigningKeyPair(privateKey: key) != nil else {
            fields.report("signing_key", SigningKeyPair.rule)
            return nil
        }
        return key
    }

    /// `previous_secrets`: objects with `secret` and `valid_until`, the newest first; nil when the document leaves them
    /// to the directory. No message contains a secret.
    func previousSecrets(_ fields: ObjectReader, current: Secret) -> [SentryApp.PreviousSecret]? {
        let name = "previous_secrets"
        var known: Set<Secret> = []
        let secrets = fields.list(name) { element, path -> SentryApp.PreviousSecret? in
            guard let inner = ObjectReader(element, path: path, problems: problems) else { return nil }
            defer { inner.finish() }
            let secret = inner.required("secret", inner.text).map { Secret($0) }
            let end = inner.required("valid_until", inner.timestamp)
            guard let secret, let end else { return nil }
            if secret.isEncrypted {
                inner.report("secret", SigningKey.Problem.encrypted.description)
            } else if let problem = SigningKey.problemOfPrevious(secret) {
                fields.reportViolation(name, path: inner.path(of: "secret"), problem)
            }
            if secret == current {
                fields.report("client_secret", SentryApp.PreviousSecret.formerSecretProblem)
            } else if !known.insert(secret).inserted {
                inner.report("secret", "is another previous secret of the app, too")
            }
            return SentryApp.PreviousSecret(secret: secret, validUntil: end)
        }
        let maximum = SentryApp.PreviousSecret.maximumCount
        if let secrets, secrets.count > maximum {
            fields.report(name, "has \(secrets.count) secrets, the maximum is \(maximum)")
        }
        return secrets
    }

    /// `disabled`: date, reason, and the subscriptions that enabling restores; `false` for an app that is not disabled.
    func disablement(_ fields: ObjectReader, currentEvents: [String]) -> SentryApp.Disablement? {
        guard let value = fields.value("disabled"), value != .bool(false),
            let inner = ObjectReader(value, path: fields.path(of: "disabled"), problems: problems)
        else { return nil }
        defer { inner.finish() }
        if !currentEvents.isEmpty {
            fields.report("events", "must be empty while the app is disabled: use disabled.events")
        }
        let date = inner.required("date", inner.timestamp)
        let reason = inner.string("reason")
        let events = inner.words("events")
        return date.map { SentryApp.Disablement(date: $0, reason: reason ?? "", events: events ?? []) }
    }
}

extension ObjectReader {
    /// The deadline of a webhook in milliseconds.
    func webhookTimeout(_ name: String) -> Int? {
        guard let milliseconds = integer(name) else { return nil }
        let range = AppSettings.timeoutRange
        guard let timeout = Int(exactly: milliseconds), range.contains(timeout) else {
            report(name, "must be between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return timeout
    }
}
