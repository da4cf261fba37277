import Model

/// The parts of an app that are in tables of their own.
extension SQLiteDatabase {
    /// Adds avatars, features, headers and previous secrets to an app.
    func complete(_ app: inout SentryApp, location: String) throws(DirectoryError) {
        app.avatars = try parts(.avatars, of: app, location) { row throws(DirectoryError) in row.avatar() }
        app.features = try parts(.features, of: app, location) { row throws(DirectoryError) in row.feature() }
        try readSecrets(of: &app, location: location)
    }

    /// Adds headers and previous secrets to an app; damaged ones are left out, and noted in the app.
    func readSecrets(of app: inout SentryApp, location: String) throws(DirectoryError) {
        var reader = AppSecretReader(secretKeys, appID: app.id, location: location)
        app.customHeaders = try parts(.headers, of: app, location) {
            row throws(DirectoryError) -> SentryApp.CustomHeader? in
            let name = row.text(0)
            return try reader.secret(row.text(1), .header(name: name)).map { .init(name: name, value: $0) }
        }.compactMap(\.self)
        app.previousSecrets = try parts(.previousSecrets, of: app, location) {
            row throws(DirectoryError) -> SentryApp.PreviousSecret? in
            let end = row.timestamp(1)
            return try reader.secret(row.text(0), .previousSecret).map { .init(secret: $0, validUntil: end) }
        }.compactMap(\.self)
        app.damagedSecrets += reader.damaged
    }

    private func parts<Row>(
        _ query: DirectoryQuery, of app: SentryApp, _ location: String,
        row: (SQLiteStatement) throws(DirectoryError) -> Row
    ) throws(DirectoryError) -> [Row] {
        try rows(query.sql, [.integer(app.id)], location: location, row: row)
    }
}
