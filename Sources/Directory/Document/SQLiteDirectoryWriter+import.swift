package import Model

/// What an import does to a directory, before it is final.
package struct DirectoryImportResult: Sendable {
    package var before: DirectoryDocument
    package var after: DirectoryDocument
    /// The rows that differ, ordered by kind and key.
    package var changes: [RowChange]
    /// Whether the import took effect.
    package var isCommitted: Bool

    /// The apps that the import enables or disables, as they are afterwards. Apps that it adds or removes are not among
    /// them.
    package var switchedApps: [SentryApp] {
        let wasDisabled = Dictionary(uniqueKeysWithValues: before.apps.map { ($0.app.id, $0.app.disablement != nil) })
        return after.apps.map(\.app).filter { app in
            wasDisabled[app.id].map { $0 != (app.disablement != nil) } ?? false
        }
    }
}

/// How an import is made, beside its document.
package struct DirectoryImportOptions {
    /// Whether all rows that are not in the document are removed, audit entries excepted.
    package var isReplacing: Bool
    /// At most this many problems are reported.
    package var problemLimit: Int
    /// The entry in the audit log about an app that the import enables or disables.
    package var audit: (SentryApp, Timestamp) -> AuditEntry.Draft
    /// Further entries in the audit log about the import, when it changes something.
    package var entries: (DirectoryImportResult, Timestamp) -> [AuditEntry.Draft] = { _, _ in [] }

    /// - Parameter audit: by default an entry without an operator's name.
    package init(
        isReplacing: Bool, problemLimit: Int = 20,
        audit: @escaping (SentryApp, Timestamp) -> AuditEntry.Draft = AuditEntry.Draft.init(switching:at:)
    ) {
        self.isReplacing = isReplacing
        self.problemLimit = problemLimit
        self.audit = audit
    }
}

extension AuditEntry.Draft {
    /// The entry about an app that was just enabled or disabled, in the audit log of the organization that owns it.
    package init(switching app: SentryApp, at date: Timestamp) {
        self.init(
            organizationID: app.ownerID,
            event: app.disablement == nil ? AuditEntry.appEnabled : AuditEntry.appDisabled, actorLabel: "hookline",
            targetObject: app.ownerID, date: date)
    }
}

extension DirectoryImportResult {
    /// Runs an import in a transaction, and rolls it back where it is not committed.
    ///
    /// - Parameter transaction: runs the import in a transaction that any error rolls back. It ends it with its
    ///   argument, which throws for a result that is not committed.
    package static func confirmed(
        _ transaction: (
            _ end: (DirectoryImportResult) throws(DirectoryImportError) -> DirectoryImportResult
        ) throws(DirectoryImportError) -> DirectoryImportResult
    ) throws(DirectoryImportError) -> DirectoryImportResult {
        var unconfirmed: DirectoryImportResult?
        do throws(DirectoryImportError) {
            return try transaction { (result) throws(DirectoryImportError) in
                guard !result.isCommitted else { return result }
                unconfirmed = result
                throw .unconfirmed
            }
        } catch {
            guard let unconfirmed else { throw error }
            return unconfirmed
        }
    }
}

extension SQLiteDirectoryWriter {
    package func importDocument(
        _ options: DirectoryImportOptions, at now: @autoclosure () -> Timestamp,
        document: (DirectoryDocument) throws(DirectoryImportError) -> DirectoryDocument,
        confirm: (DirectoryImportResult) -> Bool
    ) throws(DirectoryImportError) -> DirectoryImportResult {
        try DirectoryImportResult.confirmed { (end) throws(DirectoryImportError) in
            try transaction(failing: { .directory(directoryError($0)) }) { () throws(DirectoryImportError) in
                let now = now()
                let before = try present()
                var result = try run(try document(before), from: before, options, at: now)
                result.isCommitted = confirm(result)
                return try end(result)
            }
        }
    }

    private func run(
        _ document: DirectoryDocument, from before: DirectoryDocument, _ options: DirectoryImportOptions,
        at now: Timestamp
    ) throws(DirectoryImportError) -> DirectoryImportResult {
        let importer = DirectoryImporter(database: database, now: now, problemLimit: options.problemLimit)
        try writing { () throws(SQLiteError) in try importer.run(document, isReplacing: options.isReplacing) }
        if importer.problemCount > 0 { throw .problems(importer.problems, count: importer.problemCount) }
        var result = DirectoryImportResult(before: before, after: try present(), changes: [], isCommitted: false)
        result.changes = result.before.changes(to: result.after)
        let entries =
            result.switchedApps.map { options.audit($0, now) }
            + (result.changes.isEmpty ? [] : options.entries(result, now))
        try writing { () throws(SQLiteError) in
            for entry in entries { try database.insert(entry) }
        }
        if !entries.isEmpty { result.after = try present() }
        result.changes = try writing { () throws(SQLiteError) in try changes(in: result, at: now) }
        return result
    }

    /// The changes with the time of each row's change before; records this one. Audit entries are only added, which
    /// undoes nothing.
    private func changes(in result: DirectoryImportResult, at now: Timestamp) throws(SQLiteError) -> [RowChange] {
        var changes = result.before.changes(to: result.after)
        for index in changes.indices where changes[index].key.kind != .auditEntries {
            changes[index].lastChange = try database.lastChange(of: changes[index].key)
            try database.recordChange(of: changes[index].key, at: now)
        }
        return changes
    }

    private func present() throws(DirectoryImportError) -> DirectoryDocument {
        do throws(DirectoryError) {
            return try DocumentReader(database: database, location: path).document()
        } catch {
            throw .directory(error)
        }
    }

    private func writing<Result>(
        _ body: () throws(SQLiteError) -> Result
    ) throws(DirectoryImportError) -> Result {
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw .directory(directoryError(error))
        }
    }
}
