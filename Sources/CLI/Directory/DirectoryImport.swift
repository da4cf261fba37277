import ArgumentParser
import Delivery
import Directory
import Management
import Model
import System
import WireJSON

/// `hookline directory import`
struct DirectoryImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a directory document, in one transaction.",
        discussion: """
            By default each row of the document replaces the existing row as a whole, new rows are added, and other \
            rows stay. With --merge only the fields that the document gives are changed. With --replace the document \
            is the whole directory: all other rows are removed. Importing the same document again changes nothing.

            Two kinds of import need --yes: one with --replace that removes more than a tenth of the rows of a kind, \
            and one that would undo changes made since the document was exported. --dry-run shows what would change.

            Plain-text API tokens are stored as SHA-256 digests. If the document gives no client secret, an existing \
            one is kept; otherwise one is generated. The audit log only grows: no import changes or removes an entry. \
            The file and its tables are created if absent. docs/directory.md describes the document.

            Examples:
              hookline directory import company.json
              hookline directory import --replace --dry-run backup.json
              echo '{"apps": [{"id": 1, "webhook_url": "https://new.example/"}]}' | hookline directory import --merge -
            """)

    @Flag(help: "Change only the fields that the document gives; null stands for a field's default.")
    var merge = false

    @Flag(help: "Remove all rows that are not in the document, except audit entries.")
    var replace = false

    @Flag(help: "Print the rows that would be added, changed and removed, and change nothing.")
    var dryRun = false

    @Flag(help: "Do it even if it removes much, or undoes changes made since the export.")
    var yes = false

    @OptionGroup var options: DirectoryOptions

    @Argument(help: "The document, a JSON file; - reads standard input.")
    var file: String

    func validate() throws {
        guard !merge || !replace else { throw ValidationError("give --merge or --replace, not both") }
    }

    func run() throws {
        let source = InputFile.name(file)
        var documents = try imported(try value(source: source), source: source)
        let writer = try writer()
        var preview: ImportPreview?
        let result: DirectoryImportResult
        do throws(DirectoryImportError) {
            result = try writer.importDocument(importOptions, at: .now()) { present throws(DirectoryImportError) in
                try documents.document(from: present)
            } confirm: { result in
                let found = ImportPreview(result, exportedAt: documents.exportedAt, isReplacing: replace)
                preview = found
                return !dryRun && (yes || found.hazards.isEmpty)
            }
        } catch {
            throw CommandFailure(error, in: source)
        }
        guard let preview else { return }
        warn(of: documents)
        if dryRun { return try report(preview) }
        guard result.isCommitted else { throw CommandFailure(.data, preview.refusal) }
        try report(result, documents, name: writer.name)
    }

    private func imported(_ value: JSONValue, source: String) throws(CommandFailure) -> ImportedDocument {
        do throws(DocumentFailure) {
            return try ImportedDocument(value, isMerged: merge, hosts: .ofWorker)
        } catch {
            throw CommandFailure(error.problems, count: error.count, in: source)
        }
    }

    private var importOptions: DirectoryImportOptions {
        DirectoryImportOptions(isReplacing: replace) { app, date in
            AuditEntry.Draft(
                event: app.disablement == nil ? AuditEntry.appEnabled : AuditEntry.appDisabled,
                by: OperatorName.current(), on: app, at: date)
        }
    }

    /// The directory's writer; to see what would change, one in memory if there is no directory yet.
    private func writer() throws(CommandFailure) -> any DirectoryWriter {
        guard dryRun else { return try options.writer() }
        guard try options.exists() else { return try reportingDirectoryErrors(try SQLiteDirectoryWriter.inMemory()) }
        // An older schema is reported, not migrated.
        let reader = try options.reader()
        try reportingDirectoryErrors(try reader.check())
        return try options.writer()
    }

    private func value(source: String) throws(CommandFailure) -> JSONValue {
        let bytes = try InputFile.read(file)
        do throws(JSONSyntaxError) {
            return try JSONValue(
                parsing: bytes, limits: JSONValue.Limits(maximumByteCount: InputFile.defaultByteLimit))
        } catch {
            throw CommandFailure(.data, "\(source) is not JSON: \(error)")
        }
    }

    private func warn(of documents: ImportedDocument) {
        let problems = documents.acceptedProblems
        guard !problems.isEmpty else { return }
        let isOne = problems.count == 1
        let subject = isOne ? "1 value breaks" : "\(problems.count) values break"
        let reason =
            documents.exportedAt == nil
            ? "directory already has \(isOne ? "it" : "them")" : "document is an export"
        StandardStreams.error.write(
            "hookline: warning: \(subject) a rule of the import; \(isOne ? "it is" : "they are") accepted because the "
                + "\(reason):\n" + Array(problems.prefix(ProblemList.limit)).lines(count: problems.count))
    }

    private func report(_ preview: ImportPreview) throws(CommandFailure) {
        if !preview.hazards.isEmpty {
            StandardStreams.error.write(
                "hookline: this import needs --yes: \(preview.hazards.joined(separator: "\n"))\n")
        }
        try StandardStreams.writeResult(preview.text)
    }

    private func report(
        _ result: DirectoryImportResult, _ documents: ImportedDocument, name: String
    ) throws(CommandFailure) {
        var text = "Imported \(documents.summary) into \(name).\n"
        for app in result.switchedApps {
            text += "\(app.disablement == nil ? "Enabled" : "Disabled") \(TerminalText.escaped(app.slug)).\n"
        }
        if !documents.appsWithNewSecrets.isEmpty {
            StandardStreams.error.write(
                "hookline: generated client secrets for apps without one: "
                    + documents.appsWithNewSecrets.joined(separator: ", ") + "\n")
        }
        try StandardStreams.writeResult(text, of: .change)
    }
}

extension CommandFailure {
    /// A failed import of the document from `source`.
    init(_ error: DirectoryImportError, in source: String) {
        switch error {
        case .problems(let problems, let count): self.init(problems, count: count, in: source)
        case .directory(let error): self.init(error)
        case .unconfirmed: self.init(.data, "nothing was imported")
        }
    }
}

extension HostRules {
    /// Those of the worker.
    static var ofWorker: HostRules {
        HostRules(acceptsMailAddress: { (try? MailAddress($0)) != nil }, problemOfURL: WebhookURL.problem(of:))
    }
}
