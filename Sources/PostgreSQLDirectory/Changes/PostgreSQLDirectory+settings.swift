package import Directory
package import Model
import PostgreSQL
import System

extension PostgreSQLDirectory {
    /// Changes nothing in an original's tables, so it needs no right on them but to read.
    package func changeSettings(
        ofApp id: Int64, at now: Timestamp, _ change: (inout AppSettings) -> AuditEntry.Draft?
    ) throws(DirectoryError) -> Bool {
        let facts = try freshFacts().facts
        try facts.requireHookline(connections.location)
        return try connections.withTransaction(within: connections.limits.change, failing: { $0 }) {
            (transaction) throws(DirectoryError) in
            let directoryChange = DirectoryChange(transaction: transaction, facts: facts)
            try directoryChange.begin(lockMilliseconds: connections.limits.lock.milliseconds)
            let writer = SettingsWriter(
                change: directoryChange, appID: id, keys: keys.keys(for: connections.location, isOwn: true),
                location: connections.location)
            try writer.lock()
            keys.secretKeys.beginChange()
            guard let stored = try writer.stored() else { return false }
            guard let (settings, audit) = stored.changed(at: now, change) else { return true }
            try transaction.requireKey(keys.secretKeys, facts, location: connections.location)
            try writer.write(settings, replacing: stored)
            if facts.isStandalone, let missing = DirectoryChange.missingAuditRight(facts, location: name) {
                throw missing
            }
            try directoryChange.insert(audit)
            try directoryChange.record(RowKey(.apps, String(id)), at: now)
            return true
        }
    }
}

/// Reads and writes the settings of one app in a transaction.
private struct SettingsWriter {
    let change: DirectoryChange
    let appID: Int64
    let keys: EncryptionKeys
    /// For messages.
    let location: String

    private var transaction: DirectoryTransaction { change.transaction }

    /// Makes other programs wait that change the settings of this app. The app's row cannot be locked without the right
    /// to change it.
    func lock() throws(DirectoryError) {
        try transaction.query(
            "SELECT pg_advisory_xact_lock(hashtextextended('hookline.app:' || $1, 0))", .text(String(appID)))
    }

    /// Nil when there is no such app.
    func stored() throws(DirectoryError) -> AppSettings? {
        let apps = try transaction.rows(
            AppStatement(change.facts).sql("WHERE a.id = $1::bigint AND a.date_deleted IS NULL"), .integer(appID),
            of: Tables.app
        ) { (row) throws(DirectoryError) in
            // Of foreign headers only the names count.
            try row.app(keys: keys, toleratesEncryption: true)
        }
        guard let app = apps.first else { return nil }
        try app.requireUndamagedSecrets()
        let own = try transaction.rows(
            "SELECT h.name, h.value FROM hookline.app_headers h WHERE h.app_id = $1::bigint ORDER BY h.position",
            .integer(appID), of: Tables.appHeaders
        ) { (row) throws(DirectoryError) in
            SentryApp.CustomHeader(name: try row.text(), value: try keys.secret(try row.text()))
        }
        let names = Set(own.map(\.name))
        return AppSettings(
            deliveryPolicy: app.deliveryPolicy, webhookTimeoutMilliseconds: app.webhookTimeoutMilliseconds,
            headers: own, foreignHeaderNames: app.customHeaders.map(\.name).filter { !names.contains($0) },
            clientSecret: app.clientSecret, signingKey: app.signingKey, relayTargets: app.relayTargets,
            previousSecrets: app.previousSecrets)
    }

    func write(_ settings: AppSettings, replacing stored: AppSettings) throws(DirectoryError) {
        if settings.clientSecret != stored.clientSecret { try write(settings.clientSecret) }
        try transaction.query("DELETE FROM hookline.app_settings WHERE app_id = $1::bigint", .integer(appID))
        if settings.deliveryPolicy != nil || settings.webhookTimeoutMilliseconds != nil || settings.signingKey != nil
            || settings.relayTargets != nil
        {
            let signingKey = try settings.signingKey.map { (key) throws(DirectoryError) in try self.stored(key) }
            let targets = try settings.relayTargets.map { (text) throws(DirectoryError) in try self.stored(text) }
            try transaction.query(
                """
                INSERT INTO hookline.app_settings
                    (app_id, webhook_timeout_ms, delivery_policy, signing_key, relay_targets)
                VALUES ($1::bigint, $2::integer, $3, $4, $5)
                """, .integer(appID), .optional(settings.webhookTimeoutMilliseconds.map { Int64($0) }),
                .optional(settings.deliveryPolicy?.rawValue), .optional(signingKey), .optional(targets))
        }
        if settings.headers != stored.headers { try write(settings.headers) }
        if settings.previousSecrets != stored.previousSecrets { try write(settings.previousSecrets) }
    }

    private func stored(_ secret: Secret) throws(DirectoryError) -> String {
        try keys.secretKeys.stored(secret, in: location)
    }

    private func write(_ headers: [SentryApp.CustomHeader]) throws(DirectoryError) {
        try transaction.query("DELETE FROM hookline.app_headers WHERE app_id = $1::bigint", .integer(appID))
        for (position, header) in headers.enumerated() {
            try transaction.query(
                """
                INSERT INTO hookline.app_headers (app_id, position, name, value)
                VALUES ($1::bigint, $2::integer, $3, $4)
                """, .integer(appID), .integer(Int64(position)), .text(header.name),
                .text(try stored(header.value)))
        }
    }

    private func write(_ secrets: [SentryApp.PreviousSecret]) throws(DirectoryError) {
        try transaction.query("DELETE FROM hookline.previous_secrets WHERE app_id = $1::bigint", .integer(appID))
        for (position, previous) in secrets.enumerated() {
            try transaction.query(
                """
                INSERT INTO hookline.previous_secrets (app_id, position, secret, valid_until)
                VALUES ($1::bigint, $2::integer, $3, $4::timestamptz)
                """, .integer(appID), .integer(Int64(position)), .text(try stored(previous.secret)),
                .timestamp(previous.validUntil))
        }
    }

    private func write(_ secret: Secret) throws(DirectoryError) {
        guard change.facts.isStandalone else {
            throw .readOnlyTables(
                location: location,
                reason: "the client secret is Sentry's, and only Sentry changes it; after a rotation there, 'hookline "
                    + "app previous-secret add' keeps the old secret valid for a while (docs/secrets.md)")
        }
        guard change.facts.tables[Tables.application]?.columns["client_secret"]?.isChangeable == true else {
            throw .missingRight(
                location: location, object: "\(Tables.application).client_secret",
                grant: "GRANT UPDATE (client_secret) ON \(Tables.application) TO \(change.facts.quotedRole)")
        }
        try transaction.query(
            """
            UPDATE public.sentry_apiapplication c SET client_secret = $2 FROM public.sentry_sentryapp a
            WHERE a.id = $1::bigint AND c.id = a.application_id
            """, .integer(appID), .text(try stored(secret)))
    }
}
