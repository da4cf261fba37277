import Directory
import Model
import WireJSON

extension RowWriter {
    func insert(apps: [DirectoryDocument.AppEntry]) throws(DirectoryError) {
        guard !apps.isEmpty else { return }
        try transaction.requireKey(secretKeys, facts, location: transaction.connections.location)
        try insert(applications: apps.map(\.app))
        try insert(appRows: apps)
        try insert(components: apps)
        try insert(decoration: apps.map(\.app))
        try insert(states: apps.map(\.app))
    }

    /// Client id, secret and origins: the original has them in an application of its own. Its id is the app's.
    private func insert(applications apps: [SentryApp]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.application,
            [
                ("id", "bigint"), ("client_id", "text"), ("client_secret", "text"), ("status", "integer"),
                ("allowed_origins", "text"),
            ])
        for app in apps {
            batch.append([
                .integer(app.id), .string(app.clientID), .string(try stored(app.clientSecret)), .integer(0),
                .string(app.allowedOrigins.joined(separator: "\n")),
            ])
        }
        try insert(batch)
    }

    /// What is stored for a secret: its encrypted form where there is a key.
    private func stored(_ secret: Secret) throws(DirectoryError) -> String {
        try secretKeys.stored(secret, in: transaction.connections.location)
    }

    private func insert(appRows entries: [DirectoryDocument.AppEntry]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.app,
            [
                ("id", "bigint"), ("slug", "text"), ("name", "text"), ("owner_id", "bigint"), ("status", "integer"),
                ("uuid", "text"), ("author", "text"), ("overview", "text"), ("webhook_url", "text"),
                ("redirect_url", "text"), ("is_alertable", "boolean"), ("verify_install", "boolean"),
                ("events", "text[]"), ("scope_list", "text[]"), ("schema", "text"), ("popularity", "bigint"),
                ("proxy_user_id", "bigint"), ("application_id", "bigint"), ("date_added", "timestamptz"),
                ("date_updated", "timestamptz"), ("date_published", "timestamptz"), ("date_deleted", "timestamptz"),
            ])
        for app in entries.map(\.app) {
            batch.append([
                .integer(app.id), .string(app.slug), .string(app.name), .integer(app.ownerID),
                .integer(app.status.rawValue), .string(app.uuid), .optional(app.author), .optional(app.overview),
                .optional(app.webhookURL), .optional(app.redirectURL), .bool(app.isAlertable),
                .bool(app.verifyInstall), .texts(app.events), .scopes(app.scopes), .string(app.schemaJSON),
                .integer(app.popularity), .optional(app.proxyUserID), .integer(app.id), .date(app.dateAdded),
                .date(now), .optional(app.datePublished), .optional(app.dateDeleted),
            ])
        }
        try insert(batch)
    }

    private func insert(components entries: [DirectoryDocument.AppEntry]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.component,
            [
                ("id", "bigint"), ("sentry_app_id", "bigint"), ("type", "text"), ("schema", "text"),
                ("hookline_position", "integer"),
            ])
        for entry in entries {
            for (position, component) in entry.components.enumerated() {
                batch.append([
                    .optional(component.id), .integer(entry.app.id), .string(component.type),
                    .string(component.schemaJSON), .integer(position),
                ])
            }
        }
        try insert(batch)
    }

    private func insert(decoration apps: [SentryApp]) throws(DirectoryError) {
        let place: [RowBatch.Column] = [("app_id", "bigint"), ("position", "integer")]
        var avatars = RowBatch(
            Tables.ownAvatars, place + [("type", "text"), ("uuid", "text"), ("is_color", "boolean")])
        var features = RowBatch(
            Tables.ownFeatures, place + [("id", "bigint"), ("gate", "text"), ("description", "text")])
        var headers = RowBatch(Tables.appHeaders, place + [("name", "text"), ("value", "text")])
        for app in apps {
            for (position, avatar) in app.avatars.enumerated() {
                avatars.append([
                    .integer(app.id), .integer(position), .string(avatar.type), .string(avatar.uuid),
                    .bool(avatar.isColor),
                ])
            }
            for (position, feature) in app.features.enumerated() {
                features.append([
                    .integer(app.id), .integer(position), .integer(feature.id), .string(feature.gate),
                    .string(feature.description),
                ])
            }
            for (position, header) in app.customHeaders.enumerated() {
                headers.append([
                    .integer(app.id), .integer(position), .string(header.name), .string(try stored(header.value)),
                ])
            }
        }
        try insert(avatars, features, headers)
    }

    /// What Hookline keeps of every app, on an original's tables, too.
    private func insert(states apps: [SentryApp]) throws(DirectoryError) {
        var settings = RowBatch(
            Tables.appSettings,
            [
                ("app_id", "bigint"), ("webhook_timeout_ms", "integer"), ("delivery_policy", "text"),
                ("signing_key", "text"), ("relay_targets", "text"),
            ])
        var secrets = RowBatch(
            Tables.previousSecrets,
            [("app_id", "bigint"), ("position", "integer"), ("secret", "text"), ("valid_until", "timestamptz")])
        var disabled = RowBatch(
            Tables.disabledApps,
            [("app_id", "bigint"), ("disabled_at", "timestamptz"), ("reason", "text"), ("events", "text[]")])
        for app in apps {
            if app.webhookTimeoutMilliseconds != nil || app.deliveryPolicy != nil || app.signingKey != nil
                || app.relayTargets != nil
            {
                settings.append([
                    .integer(app.id), .optional(app.webhookTimeoutMilliseconds.map { Int64($0) }),
                    .optional(app.deliveryPolicy?.rawValue),
                    .optional(try app.signingKey.map { (key) throws(DirectoryError) in try stored(key) }),
                    .optional(try app.relayTargets.map { (text) throws(DirectoryError) in try stored(text) }),
                ])
            }
            for (position, previous) in app.previousSecrets.enumerated() {
                secrets.append([
                    .integer(app.id), .integer(position), .string(try stored(previous.secret)),
                    .date(previous.validUntil),
                ])
            }
            if let disablement = app.disablement {
                disabled.append([
                    .integer(app.id), .date(disablement.date), .string(disablement.reason), .texts(disablement.events),
                ])
            }
        }
        try insert(settings, secrets, disabled)
    }
}
