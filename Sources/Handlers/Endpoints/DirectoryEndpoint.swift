import Directory
import Management
import Model
import WireJSON

/// `GET` and `POST hookline/directory/`: the whole directory as a document, and the import of one, as `hookline
/// directory export` and `import` do. For administrators only: the document has all client secrets.
enum DirectoryEndpoint: Endpoint {
    static let acceptsPost = true

    /// Changes that are listed in a response; all are counted.
    static let maximumListedChanges = 1000

    static func bodyLimit(_ limits: EventLimits) -> Int { limits.maximumImportBytes }

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try ManagementPermission.admitAdministrator(caller)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        context.method == .post ? try importDocument(context) : try export(context)
    }

    // MARK: Export

    private static func export(_ context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        guard try orUnavailable(context.directory.releases()) == nil else { throw .managedBySentry }
        guard let management = context.dependencies.management else {
            throw .managementOff("management is turned off")
        }
        // Before it is read: changes made meanwhile count as made since the export.
        let time = context.now()
        var document = try orUnavailable(management.document())
        document.exportedAt = time
        let json = try orUnavailable(DirectoryDocumentWriter.json(document))
        return EndpointResult(body: json.serialized(escaping: .unicode), headers: [("Cache-Control", "no-store")])
    }

    // MARK: Import

    private static func importDocument(_ context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let management = try context.management()
        let options = try ImportOptions(context.parameters)
        let result = try management.importing { () throws(HTTPFailure) in
            try importDocument(options, management, context)
        }
        guard let result else { throw .importInProgress }
        return result
    }

    private static func importDocument(
        _ options: ImportOptions, _ management: DirectoryManagement, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> EndpointResult {
        guard let value = try context.json(limit: bodyLimit(context.dependencies.eventLimits)) else {
            throw .badRequest("The body must be a directory document.")
        }
        var documents: ImportedDocument
        do throws(DocumentFailure) {
            documents = try ImportedDocument(value, isMerged: options.mode == .merge)
        } catch {
            throw .invalidFields(of: error.problems)
        }
        var preview: ImportPreview?
        let result: DirectoryImportResult
        do throws(DirectoryImportError) {
            result = try management.importDocument(importOptions(options.mode, context), at: context.now()) {
                present throws(DirectoryImportError) in
                let document = try documents.document(from: present)
                try checkTokens(of: document, from: present, context)
                return document
            } confirm: { result in
                let found = ImportPreview(
                    result, exportedAt: documents.exportedAt, isReplacing: options.mode == .replace,
                    replaceOption: "mode=replace")
                preview = found
                return !options.isDryRun && (options.isConfirmed || found.hazards.isEmpty)
            }
        } catch {
            throw HTTPFailure(error)
        }
        guard let preview, result.isCommitted || options.isDryRun else {
            throw .unconfirmedImport(preview?.hazards ?? [])
        }
        return EndpointResult(body: report(result, preview, documents))
    }

    private static func importOptions(
        _ mode: ImportOptions.Mode, _ context: borrowing RequestContext
    ) -> DirectoryImportOptions {
        let author = context.author
        var options = DirectoryImportOptions(isReplacing: mode == .replace) { app, date in
            AuditEntry.Draft(
                event: app.disablement == nil ? AuditEntry.appEnabled : AuditEntry.appDisabled, by: author, on: app,
                at: date)
        }
        options.entries = { result, date in
            ImportAudit(result, mode: mode.rawValue).entries(by: author, at: date)
        }
        return options
    }

    /// A token with `hookline:admin` is made by the command line, or by such a token.
    private static func checkTokens(
        of document: DirectoryDocument, from present: DirectoryDocument, _ context: borrowing RequestContext
    ) throws(DirectoryImportError) {
        if let scopes = context.caller.ownScopes, scopes.isSuperset(of: ManagementPermission.administrators) { return }
        let known = Dictionary(present.tokens.map { ($0.digest, $0) }) { first, _ in first }
        let problems = document.tokens.enumerated().filter { _, token in
            guard !token.scopes.isDisjoint(with: ManagementPermission.administrators) else { return false }
            // One that is valid stays; nobody revives it or takes it over.
            guard let before = known[token.digest],
                !before.scopes.isDisjoint(with: ManagementPermission.administrators)
            else { return true }
            return token.userID != before.userID
                || (token.allowedOrigins != nil && token.allowedOrigins != before.allowedOrigins)
                || (token.expiresAt ?? .distantEnd) > (before.expiresAt ?? .distantEnd)
        }.map { index, _ in
            DocumentProblem(
                path: "tokens[\(index)].scopes",
                message: "hookline:admin is given by 'hookline token create' only, or with a token that has it")
        }
        guard problems.isEmpty else { throw .problems(problems, count: problems.count) }
    }

    private static func report(
        _ result: DirectoryImportResult, _ preview: ImportPreview, _ documents: ImportedDocument
    ) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("imported", bool: result.isCommitted)
        let changes = preview.changes
        let count = { (action: RowChange.Action) in Int64(changes.lazy.filter { $0.action == action }.count) }
        json.append("added", number: count(.added))
        json.append("changed", number: count(.changed))
        json.append("removed", number: count(.removed))
        json.append("changes", objects: changes.prefix(maximumListedChanges).map(json(of:)))
        json.append("needsConfirmation", texts: preview.hazards)
        json.append("warnings", texts: documents.acceptedProblems.map(\.description))
        json.append("appsWithNewSecrets", texts: documents.appsWithNewSecrets)
        return json.finish()
    }

    private static func json(of change: ImportPreview.Change) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("action", text: change.action.rawValue)
        json.append("kind", text: change.kind.rawValue)
        json.append("name", text: change.name)
        json.append("fields", texts: change.fields)
        return json.finish()
    }
}

extension Timestamp {
    /// For what never ends.
    fileprivate static let distantEnd = Timestamp(microseconds: .max)
}

/// What a request for an import asks for in its query.
private struct ImportOptions {
    enum Mode: String, CaseIterable {
        case add, merge, replace
    }

    /// `format` is the one that every endpoint has.
    private static let names: Set<String> = ["mode", "dryRun", "confirm", "format"]

    var mode = Mode.add
    var isDryRun = false
    var isConfirmed = false

    init(_ parameters: QueryParameters) throws(HTTPFailure) {
        var problems: [DocumentProblem] = []
        // A parameter that is misspelt or repeated must not turn a dry run into an import.
        var seen = Set<String>()
        for (name, value) in parameters.pairs {
            if !Self.names.contains(name) {
                problems.append(
                    DocumentProblem(path: name, message: "is no parameter: there are mode, dryRun and confirm"))
            } else if !seen.insert(name).inserted {
                problems.append(DocumentProblem(path: name, message: "must be given once"))
            } else if value.isEmpty {
                problems.append(DocumentProblem(path: name, message: "must have a value"))
            }
        }
        if let name = parameters.nonEmpty("mode") {
            if let mode = Mode(rawValue: name) {
                self.mode = mode
            } else {
                let names = Mode.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append(DocumentProblem(path: "mode", message: "must be one of \(names)"))
            }
        }
        isDryRun = Self.flag("dryRun", parameters, &problems)
        isConfirmed = Self.flag("confirm", parameters, &problems)
        guard problems.isEmpty else { throw .invalidFields(of: problems) }
    }

    /// Not every text that is not empty counts: `dryRun=0` must not be taken for a wish to change nothing, nor for one
    /// to change everything.
    private static func flag(
        _ name: String, _ parameters: QueryParameters, _ problems: inout [DocumentProblem]
    ) -> Bool {
        switch parameters.nonEmpty(name) {
        case nil, "0", "false": return false
        case "1", "true": return true
        case _?:
            problems.append(DocumentProblem(path: name, message: "must be true or false"))
            return false
        }
    }
}

extension HTTPFailure {
    fileprivate init(_ error: DirectoryImportError) {
        switch error {
        case .problems(let problems, let count):
            let more = count - problems.count
            let rest = more > 0 ? [DocumentProblem(path: "", message: "and \(more.counted("more problem"))")] : []
            self = .invalidFields(of: problems + rest)
        case .directory(let error): self = .refused(error)
        case .unconfirmed: self = .unconfirmedImport([])
        }
    }

    /// The import needs a confirmation.
    fileprivate static func unconfirmedImport(_ hazards: [String]) -> HTTPFailure {
        HTTPFailure(
            status: 409,
            detail: hazards.joined(separator: "\n")
                + "\nNothing was imported. dryRun=true lists all changes; confirm=true makes them nevertheless.")
    }
}
