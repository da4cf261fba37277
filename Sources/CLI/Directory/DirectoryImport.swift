import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline directory import`
struct DirectoryImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a directory document, in one transaction.",
        discussion: """
            Existing rows are replaced, new rows are added, other rows stay. Importing the same document again changes \
            nothing. Plain-text API tokens are stored as SHA-256 digests. The file and its tables are created if \
            absent. docs/directory.md describes the document.

            Examples:
              hookline directory import company.json
              hookline directory export | jq '…' | hookline directory import --replace -
            """)

    @Flag(help: "Remove all rows that are not in the document.")
    var replace = false

    @OptionGroup var options: DirectoryOptions

    @Argument(help: "The document, a JSON file; - reads standard input.")
    var file: String

    func run() throws {
        let source = InputFile.name(file)
        let document = try document(source: source)
        let writer = try options.writer()
        do throws(DirectoryImportError) {
            try writer.importDocument(document, isReplacing: replace, at: .now())
        } catch {
            switch error {
            case .problems(let problems, let count): throw CommandFailure(problems, count: count, in: source)
            case .directory(let error): throw CommandFailure(error)
            }
        }
        try StandardStreams.writeResult("Imported \(document.summary) into \(writer.path).\n")
    }

    private func document(source: String) throws(CommandFailure) -> DirectoryDocument {
        let bytes = try InputFile.read(file)
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(
                parsing: bytes, limits: JSONValue.Limits(maximumByteCount: InputFile.defaultByteLimit))
        } catch {
            throw CommandFailure(.data, "\(source) is not JSON: \(error)")
        }
        switch DirectoryDocumentReader.read(value) {
        case .success(let document): return document
        case .failure(let failure): throw CommandFailure(failure.problems, count: failure.count, in: source)
        }
    }
}

extension DirectoryDocument {
    /// The counts of its rows: `2 organizations, 1 user`.
    var summary: String {
        let counts = [
            (organizations.count, "organization"), (users.count, "user"), (memberships.count, "membership"),
            (apps.count, "app"), (installations.count, "installation"), (serviceHooks.count, "service hook"),
            (projects.count, "project"), (issueEvents.count, "issue event"), (tokens.count, "token"),
            (auditEntries.count, "audit entry"),
        ]
        let parts = counts.filter { $0.0 > 0 }.map { $0.0.counted($0.1) }
        return parts.isEmpty ? "an empty document" : parts.joined(separator: ", ")
    }
}
