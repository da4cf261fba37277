import CSQLite
package import Model

extension SQLiteDirectory {
    package func changeSettings(
        ofApp id: Int64, at now: Timestamp, _ change: (inout AppSettings) -> AuditEntry.Draft?
    ) throws(DirectoryError) -> Bool {
        try withChange { database throws(DirectoryError) in
            guard let stored = try database.settings(ofApp: id, location: path) else { return false }
            guard let (settings, audit) = stored.changed(at: now, change) else { return true }
            try writing { () throws(SQLiteError) in
                try database.write(settings, ofApp: id)
                try database.insert(audit)
                try database.recordChange(of: RowKey(.apps, String(id)), at: now)
            }
            return true
        }
    }
}

extension SQLiteDatabase {
    /// Writes the headers of an app that has none.
    func insert(headers: [SentryApp.CustomHeader], ofApp id: Int64) throws(SQLiteError) {
        for (position, header) in headers.enumerated() {
            try run(
                "INSERT INTO app_headers (app_id, position, name, value) VALUES (?1, ?2, ?3, ?4)", .integer(id),
                .integer(Int64(position)), .text(header.name), try stored(header.value))
        }
    }

    /// Writes the previous secrets of an app that has none.
    func insert(previousSecrets secrets: [SentryApp.PreviousSecret], ofApp id: Int64) throws(SQLiteError) {
        for (position, previous) in secrets.enumerated() {
            try run(
                "INSERT INTO previous_secrets (app_id, position, secret, valid_until) VALUES (?1, ?2, ?3, ?4)",
                .integer(id), .integer(Int64(position)), try stored(previous.secret),
                .integer(previous.validUntil.microseconds))
        }
    }

    fileprivate func write(_ settings: AppSettings, ofApp id: Int64) throws(SQLiteError) {
        try run(
            """
            UPDATE apps SET delivery_policy = ?2, webhook_timeout_ms = ?3, client_secret = ?4, signing_key = ?5,
                relay_targets = ?6
            WHERE id = ?1
            """,
            .integer(id), .optional(settings.deliveryPolicy?.rawValue),
            .optional(settings.webhookTimeoutMilliseconds.map { Int64($0) }),
            try stored(settings.clientSecret), try storedOptional(settings.signingKey),
            try storedOptional(settings.relayTargets))
        try run("DELETE FROM app_headers WHERE app_id = ?1", .integer(id))
        try insert(headers: settings.headers, ofApp: id)
        try run("DELETE FROM previous_secrets WHERE app_id = ?1", .integer(id))
        try insert(previousSecrets: settings.previousSecrets, ofApp: id)
    }

    /// The previous secrets of an app, expired ones among them, without those that are damaged.
    func previousSecrets(ofApp id: Int64) throws(SQLiteError) -> [SentryApp.PreviousSecret] {
        var app = SentryApp(id: id, slug: "", name: "", ownerID: 0, status: .internal, uuid: "")
        do throws(DirectoryError) {
            try readSecrets(of: &app, location: path)
        } catch {
            throw SQLiteError(operation: "read", code: SQLITE_AUTH, message: error.description)
        }
        return app.previousSecrets
    }

    /// Nil when there is no such app.
    fileprivate func settings(ofApp id: Int64, location: String) throws(DirectoryError) -> AppSettings? {
        let found = try rows(DirectoryQuery.appByID.sql, [.integer(id)], location: location) {
            row throws(DirectoryError) in try row.app()
        }
        guard var app = found.first else { return nil }
        try readSecrets(of: &app, location: location)
        try app.requireUndamagedSecrets()
        return AppSettings(
            deliveryPolicy: app.deliveryPolicy, webhookTimeoutMilliseconds: app.webhookTimeoutMilliseconds,
            headers: app.customHeaders, clientSecret: app.clientSecret, signingKey: app.signingKey,
            relayTargets: app.relayTargets, previousSecrets: app.previousSecrets)
    }
}
