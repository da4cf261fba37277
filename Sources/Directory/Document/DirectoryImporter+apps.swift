import Model

extension DirectoryImporter {
    func insertApp(_ entry: DirectoryDocument.AppEntry, path: String) throws(SQLiteError) {
        guard try checkApp(entry.app, path: path) else { return }
        try insertAppRow(keepingDisablement(entry), added: entry.dateAdded ?? remembered.appDates[entry.app.id] ?? now)
        for (position, avatar) in entry.app.avatars.enumerated() {
            try database.run(
                "INSERT INTO app_avatars (app_id, position, type, uuid, is_color) VALUES (?1, ?2, ?3, ?4, ?5)",
                .integer(entry.app.id), .integer(Int64(position)), .text(avatar.type), .text(avatar.uuid),
                .flag(avatar.isColor))
        }
        for (position, feature) in entry.app.features.enumerated() {
            try database.run(
                "INSERT INTO app_features (app_id, position, id, gate, description) VALUES (?1, ?2, ?3, ?4, ?5)",
                .integer(entry.app.id), .integer(Int64(position)), .integer(feature.id), .text(feature.gate),
                .text(feature.description))
        }
        try database.insert(headers: entry.app.customHeaders, ofApp: entry.app.id)
        try database.insert(previousSecrets: previousSecrets(entry, path: path), ofApp: entry.app.id)
        try insertComponents(entry, path: path)
    }

    /// Those of the row, or of the directory where the row leaves them open: then a row that has one of them as its
    /// client secret is older than a rotation, and must not undo it.
    private func previousSecrets(_ entry: DirectoryDocument.AppEntry, path: String) -> [SentryApp.PreviousSecret] {
        let (secret, key, now) = (entry.app.clientSecret, entry.app.signingKey, now)
        guard entry.keepsPreviousSecrets else {
            return entry.app.previousSecrets.filter {
                $0.isValid(at: now) && $0.secret != secret && $0.secret != key
            }
        }
        let kept = (remembered.previousSecrets[entry.app.id] ?? []).filter { $0.isValid(at: now) }
        if kept.contains(where: { $0.secret == secret }) {
            report(path + ".client_secret", SentryApp.PreviousSecret.formerSecretProblem)
        }
        if kept.contains(where: { $0.secret == key }) {
            report(path + ".signing_key", SentryApp.PreviousSecret.formerKeyProblem)
        }
        return kept
    }

    /// The row's app, disabled where the directory's app is and the row leaves that open.
    private func keepingDisablement(_ entry: DirectoryDocument.AppEntry) -> SentryApp {
        var app = entry.app
        guard entry.keepsDisablement, app.disablement == nil, let kept = remembered.disablements[app.id] else {
            return app
        }
        app.disablement = SentryApp.Disablement(date: kept.date, reason: kept.reason, events: app.events)
        app.events = []
        return app
    }

    private func checkApp(_ app: SentryApp, path: String) throws(SQLiteError) -> Bool {
        let hasOwner = try checkReference(app.ownerID, table: "organizations", path: path + ".owner_id")
        var isProxyUnique = true
        if let userID = app.proxyUserID {
            isProxyUnique = try checkReference(userID, table: "users", path: path + ".proxy_user_id")
            if isProxyUnique {
                isProxyUnique = try checkUnique(
                    "the proxy user \(userID)", table: "apps", columns: [("proxy_user_id", .integer(userID))],
                    path: path + ".proxy_user_id")
            }
        }
        let isUniqueID = try checkID(app.id, table: "apps", path: path)
        let isUniqueSlug = try checkUnique(
            "the slug \"\(app.slug)\"", table: "apps", columns: [("slug", .text(app.slug))], path: path + ".slug")
        let isUniqueUUID = try checkUnique(
            "the uuid \"\(app.uuid)\"", table: "apps", columns: [("uuid", .text(app.uuid))], path: path + ".uuid")
        return hasOwner && isProxyUnique && isUniqueID && isUniqueSlug && isUniqueUUID
    }

    private func insertAppRow(_ app: SentryApp, added: Timestamp) throws(SQLiteError) {
        try database.run(
            """
            INSERT INTO apps (\(DirectoryQuery.Columns.app)) VALUES
            (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
            ?24, ?25, ?26, ?27, ?28, ?29, ?30)
            """,
            .integer(app.id), .text(app.slug), .text(app.name), .integer(app.ownerID),
            .integer(Int64(app.status.rawValue)), .text(app.uuid), .optional(app.author), .optional(app.overview),
            .optional(app.webhookURL), .optional(app.redirectURL), .flag(app.isAlertable), .flag(app.verifyInstall),
            words(app.events), words(app.scopes.scopes.map(\.rawValue)), .text(app.schemaJSON),
            .integer(Int64(app.popularity)), .optional(app.proxyUserID), .text(app.clientID),
            try database.stored(app.clientSecret), words(app.allowedOrigins), .integer(added.microseconds),
            .optional(app.datePublished?.microseconds), .optional(app.dateDeleted?.microseconds),
            .optional(app.webhookTimeoutMilliseconds.map { Int64($0) }),
            .optional(app.disablement?.date.microseconds), .optional(app.disablement?.reason),
            app.disablement.map { words($0.events) } ?? .null, .optional(app.deliveryPolicy?.rawValue),
            try database.storedOptional(app.signingKey), try database.storedOptional(app.relayTargets))
    }

    private func insertComponents(_ entry: DirectoryDocument.AppEntry, path: String) throws(SQLiteError) {
        let before = remembered.componentsByApp[entry.app.id] ?? []
        for (position, component) in entry.components.enumerated() {
            let known = position < before.count && before[position].type == component.type ? before[position] : nil
            let id = component.id ?? known?.id ?? nextComponentID()
            guard try checkID(id, table: "components", path: "\(path).components[\(position)]") else { continue }
            try database.run(
                "INSERT INTO components (id, app_id, position, type, schema) VALUES (?1, ?2, ?3, ?4, ?5)",
                .integer(id), .integer(entry.app.id), .integer(Int64(position)), .text(component.type),
                .text(component.schemaJSON))
        }
    }

    private func nextComponentID() -> Int64 {
        remembered.lastComponentID += 1
        return remembered.lastComponentID
    }
}
