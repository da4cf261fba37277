import CSQLite
package import Model

extension SQLiteDirectory {
    package func changeSettings(
        ofApp id: Int64, at now: Timestamp, _ change: (inout AppSettings) -> AuditEntry.Draft?
    ) throws(DirectoryError) -> Bool {
        try withTransaction { database throws(SQLiteError) in
            guard let stored = try database.settings(ofApp: id) else { return false }
            guard let (settings, audit) = stored.changed(at: now, change) else { return true }
            try database.run(
                """
                UPDATE apps SET delivery_policy = ?2, webhook_timeout_ms = ?3, client_secret = ?4, signing_key = ?5
                WHERE id = ?1
                """,
                .integer(id), .optional(settings.deliveryPolicy?.rawValue),
                .optional(settings.webhookTimeoutMilliseconds.map { Int64($0) }),
                try database.stored(settings.clientSecret),
                try database.storedOptional(settings.signingKey))
            try database.run("DELETE FROM app_headers WHERE app_id = ?1", .integer(id))
            try database.insert(headers: settings.headers, ofApp: id)
            try database.run("DELETE FROM previous_secrets WHERE app_id = ?1", .integer(id))
            try database.insert(previousSecrets: settings.previousSecrets, ofApp: id)
            try database.insert(audit)
            try database.recordChange(of: RowKey(.apps, String(id)), at: now)
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

    /// The previous secrets of an app, expired ones among them.
    func previousSecrets(ofApp id: Int64) throws(SQLiteError) -> [SentryApp.PreviousSecret] {
        try all(DirectoryQuery.previousSecrets.sql, id) { row throws(DirectoryError) in try row.previousSecret() }
    }

    /// Nil when there is no such app.
    fileprivate func settings(ofApp id: Int64) throws(SQLiteError) -> AppSettings? {
        let found = try all(
            """
            SELECT delivery_policy, webhook_timeout_ms, client_secret, signing_key FROM apps
            WHERE id = ?1 AND date_deleted IS NULL
            """, id
        ) { row throws(DirectoryError) in
            AppSettings(
                deliveryPolicy: row.optionalText(0).flatMap(DeliveryPolicyName.init),
                webhookTimeoutMilliseconds: row.optionalInteger(1).map { Int($0) },
                clientSecret: try row.secret(2, "client secret of app \(id)"),
                signingKey: try row.optionalSecret(3, "private key of app \(id)"))
        }
        guard var settings = found.first else { return nil }
        settings.headers = try all(DirectoryQuery.headers.sql, id) { row throws(DirectoryError) in try row.header() }
        settings.previousSecrets = try previousSecrets(ofApp: id)
        return settings
    }

    /// Every row of a statement whose parameter is an app's id.
    private func all<Row>(
        _ sql: String, _ id: Int64, _ read: (SQLiteStatement) throws(DirectoryError) -> Row
    ) throws(SQLiteError) -> [Row] {
        try withStatement(sql) { statement throws(SQLiteError) in
            try statement.bind([.integer(id)])
            var rows: [Row] = []
            while try statement.step() {
                do throws(DirectoryError) {
                    rows.append(try read(statement))
                } catch {
                    throw SQLiteError(operation: "read", code: SQLITE_AUTH, message: error.description)
                }
            }
            return rows
        }
    }
}
