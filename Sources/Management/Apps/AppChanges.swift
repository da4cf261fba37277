package import Directory
package import Model
package import WebhookRules

/// Changes of apps, each in the transaction of `rows`: what there is, what is written, and the entry in the audit log.
package struct AppChanges {
    private let rows: any DirectoryRows
    private let rules: AppRules
    private let author: ChangeAuthor
    private let now: Timestamp
    /// The value of `If-Match`; nil = whatever state the app is in.
    private let expected: String?

    package init(
        _ rows: any DirectoryRows, rules: AppRules, author: ChangeAuthor, expected: String? = nil, at now: Timestamp
    ) {
        self.rows = rows
        self.rules = rules
        self.author = author
        self.expected = expected
        self.now = now
    }

    /// An app after a change.
    package struct Outcome: Sendable {
        package var app: SentryApp
        package var version: RowVersion
        /// What was changed, without secrets and values of headers; empty = nothing was written.
        package var changes: [String] = []
    }

    /// Makes an app with a client id and a client secret, which the response shows once.
    ///
    /// - Parameter settings: a change of what the fields say.
    package func create(
        _ fields: AppFields, settings: SettingsChange = SettingsChange(), owner: Organization
    ) throws(ManagementRefusal) -> Outcome {
        let status: SentryApp.Status = fields.isInternal ? .internal : .unpublished
        var entry = DirectoryDocument.AppEntry(
            app: SentryApp(id: 0, slug: "", name: "", ownerID: owner.id, status: status, uuid: RandomText.uuid()),
            dateAdded: now, components: [])
        let slug = fields.slug
        _ = fields.apply(to: &entry, rules)
        if let slug { entry.app.slug = slug } else { entry.app.slug = madeSlug(entry.app.name, fields) }
        if fields.problems.count == 0, try directory(rows.isSlugTaken(entry.app.slug)) {
            let taken = "the slug \"\(entry.app.slug)\" is taken"
            fields.report(
                slug == nil ? "name" : "slug", slug == nil ? "\(taken): give another name, or a slug" : taken)
        }
        try fields.throwProblems()
        _ = try apply(settings, to: &entry.app)
        entry.app.id = try directory(rows.nextID(of: .apps))
        entry.app.clientID = RandomText.secret()
        entry.app.clientSecret = Secret(RandomText.secret())
        entry.app.dateAdded = now
        if entry.app.status == .published { entry.app.datePublished = now }
        return try write(entry, AuditEntry.appCreated)
    }

    private func madeSlug(_ name: String, _ fields: AppFields) -> String {
        let slug = Slug.made(of: name)
        if slug.isEmpty, !name.isEmpty {
            fields.report("slug", "is required, because the name has no letters or digits to make one of")
        }
        return Slug.looksLikeID(slug) ? "app-\(slug)" : slug
    }

    /// Changes the fields that the request gives, and the service hooks of the app's installations with them.
    ///
    /// - Parameter settings: a change of what the fields say.
    package func update(
        appID: Int64, _ fields: AppFields, settings: SettingsChange = SettingsChange()
    ) throws(ManagementRefusal) -> Outcome {
        let before = try present(appID)
        var entry = before
        var changes = fields.apply(to: &entry, rules)
        try fields.throwProblems()
        changes += try apply(settings, to: &entry.app)
        // Hooks that an import left behind are brought in step even if the app has the values already.
        var changesHooks = false
        if fields.givesSubscriptions {
            changesHooks = try directory(
                rows.updateHooks(ofApp: appID, url: entry.app.webhookURL ?? "", events: entry.app.subscriptions))
        }
        guard !changes.isEmpty || changesHooks else {
            return Outcome(app: entry.app, version: try version(appID))
        }
        if entry.app.status == .published, before.app.status != .published { entry.app.datePublished = now }
        return try write(entry, AuditEntry.appChanged, changes.isEmpty ? ["service hooks"] : changes)
    }

    /// Marks the app and its installations as deleted; its slug stays taken.
    ///
    /// - Returns: how many installations there were.
    @discardableResult
    package func delete(appID: Int64) throws(ManagementRefusal) -> Int {
        var entry = try present(appID)
        guard entry.app.status != .published || rules.isAdministrator else {
            throw .forbidden("Only an administrator deletes a published app.")
        }
        entry.app.dateDeleted = now
        let count = try directory(rows.deleteInstallations(ofApp: appID))
        _ = try write(entry, AuditEntry.appDeleted)
        return count
    }

    /// Gives the app a new client secret.
    ///
    /// - Parameter end: that of the old secret; not after now = it is not used any more.
    package func rotateSecret(appID: Int64, keepingUntil end: Timestamp) throws(ManagementRefusal) -> Outcome {
        let secret = Secret(RandomText.secret())
        return try changeSecrets(of: appID, AuditEntry.clientSecretRotated) {
            (rotation, settings) throws(SettingsRefusal) in
            try rotation.rotate(&settings, to: secret, keepingUntil: end)
        }
    }

    /// Gives the app a new Ed25519 key pair, or removes the one it has.
    ///
    /// - Parameters:
    ///   - pair: nil = the app is to have none.
    ///   - end: that of the old pair; not after now = it is not used any more.
    package func changeKey(
        appID: Int64, to pair: SigningKeyPair?, keepingUntil end: Timestamp
    ) throws(ManagementRefusal) -> Outcome {
        try changeSecrets(of: appID, AuditEntry.signingKeyChanged) {
            (rotation, settings) throws(SettingsRefusal) in
            try rotation.change(&settings, to: pair?.privateKey, keepingUntil: end)
        }
    }

    /// Ends the time of former key pairs: only the current one is valid.
    package func finishKeys(appID: Int64) throws(ManagementRefusal) -> Outcome {
        try changeSecrets(of: appID, AuditEntry.signingKeyChanged) {
            (rotation, settings) throws(SettingsRefusal) in try rotation.finishKeys(&settings)
        }
    }

    /// Ends the time of previous client secrets: only the current one is valid.
    package func finishRotation(appID: Int64) throws(ManagementRefusal) -> Outcome {
        try changeSecrets(of: appID, AuditEntry.previousSecretsChanged) {
            (rotation, settings) throws(SettingsRefusal) in try rotation.finish(&settings)
        }
    }

    // MARK: Steps

    private func present(_ appID: Int64) throws(ManagementRefusal) -> DirectoryDocument.AppEntry {
        guard var entry = try directory(rows.app(id: appID)) else { throw .notFound }
        guard entry.app.ownerID == rules.organizationID else { throw .changedMeanwhile }
        if let expected, !(try version(appID)).isNamed(by: expected) { throw .changedMeanwhile }
        // It would be written without them.
        if let problem = entry.app.secretProblem { throw .damagedSecrets("The app \(problem).") }
        entry.app.previousSecrets.removeAll { !$0.isValid(at: now) }
        return entry
    }

    private func version(_ appID: Int64) throws(ManagementRefusal) -> RowVersion {
        let key = RowKey(.apps, String(appID))
        return RowVersion(of: key, changedAt: try directory(rows.lastChange(of: key)))
    }

    private func write(
        _ entry: DirectoryDocument.AppEntry, _ event: Int, _ changes: [String] = []
    ) throws(ManagementRefusal) -> Outcome {
        var document = DirectoryDocument()
        document.apps = [entry]
        try directory(rows.write(document))
        try directory(
            rows.record(AuditEntry.Draft(event: event, by: author, on: entry.app, changes: changes, at: now)))
        return Outcome(app: entry.app, version: try version(entry.app.id), changes: changes)
    }

    private func apply(
        _ change: SettingsChange, to app: inout SentryApp
    ) throws(ManagementRefusal) -> [String] {
        var settings = AppSettings(
            deliveryPolicy: app.deliveryPolicy, webhookTimeoutMilliseconds: app.webhookTimeoutMilliseconds,
            headers: app.customHeaders)
        let changes: [String]
        do throws(SettingsRefusal) {
            try change.check()
            changes = try change.apply(to: &settings)
        } catch {
            switch error.subject {
            case .secret, .headers, .targets: throw ManagementRefusal("non_field_errors", error.message)
            case .removedHeader: throw ManagementRefusal("removeHeader", error.message)
            }
        }
        app.deliveryPolicy = settings.deliveryPolicy
        app.webhookTimeoutMilliseconds = settings.webhookTimeoutMilliseconds
        app.customHeaders = settings.headers
        return changes
    }

    /// Who holds the secret can act as the app.
    private func requireAllScopes(of app: SentryApp) throws(ManagementRefusal) {
        let lacking = app.scopes.subtracting(rules.ownScopes)
        guard !rules.isAdministrator, !lacking.isEmpty else { return }
        let names = lacking.scopes.map(\.rawValue).joined(separator: ", ")
        throw .forbidden("The app has scopes that you lack: \(names). Its secret is only for those who have them.")
    }

    private func changeSecrets(
        of appID: Int64, _ event: Int,
        _ change: (SecretRotation, inout AppSettings) throws(SettingsRefusal) -> [String]
    ) throws(ManagementRefusal) -> Outcome {
        var entry = try present(appID)
        try requireAllScopes(of: entry.app)
        var settings = AppSettings(
            clientSecret: entry.app.clientSecret, signingKey: entry.app.signingKey,
            previousSecrets: entry.app.previousSecrets)
        let changes: [String]
        do throws(SettingsRefusal) {
            changes = try change(SecretRotation(appSlug: entry.app.slug, now: now), &settings)
        } catch {
            throw ManagementRefusal("non_field_errors", error.message)
        }
        entry.app.clientSecret = settings.clientSecret
        entry.app.signingKey = settings.signingKey
        entry.app.previousSecrets = settings.previousSecrets
        return try write(entry, event, changes)
    }
}

/// Evaluates `call` and turns a directory error into a refusal.
func directory<Result>(
    _ call: @autoclosure () throws(DirectoryError) -> Result
) throws(ManagementRefusal) -> Result {
    do throws(DirectoryError) {
        return try call()
    } catch {
        throw .directory(error)
    }
}
