import Management
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI
@testable import Directory

/// Values from before a rule of the import.
@Suite(.eachStore) struct DirectoryOlderValuesTests {
    private let runner: CommandRunner

    /// One value for each rule, and how many there are.
    private static let older = """
        {"organizations": [{"id": 1, "slug": "a b"}],
         "users": [{"id": 1, "username": "ann", "email": "ann.@acme.example"}],
         "apps": [{"id": 1, "slug": "ra:dar", "name": "Radar", "owner_id": 1, "client_secret": "whsec_",
                   "webhook_url": "ftp://example.com/", "webhook_headers": ["Host: x"],
                   "schema": {"elements": [{"type": "stacktrace-link"}]},
                   "components": [{"type": "stacktrace-link", "schema": {"type": "stacktrace-link"}}]}],
         "projects": [{"id": 1, "slug": "..", "organization_id": 1}]}
        """
    private static let count = 9

    init() throws {
        runner = try CommandRunner()
        let document = try DirectoryDocumentReader.read(try JSONValue(parsing: Self.older)) { _ in true }.get()
        try runner.store(document)
    }

    private func run(_ document: String, _ flags: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(["directory", "import"] + flags + ["-"], input: document)
    }

    @Test func anExportCanBeImportedAgainAndElsewhereWithAWarning() throws {
        let before = try runner.directory.document()
        let backup = try runner.hookline("directory", "export").output
        let elsewhere = try CommandRunner()

        let outcomes = [
            try run(backup, "--replace"), try run(backup), try run(backup, "--merge"),
            try elsewhere.hookline("directory", "import", "--replace", "-", input: backup),
        ]

        for outcome in outcomes {
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(
                outcome.error.hasPrefix(
                    "hookline: warning: \(Self.count) values break a rule of the import; they are accepted because the "
                        + "document is an export:\n  organizations[0].slug: "))
            #expect(outcome.error.contains("  apps[0].components[0].schema.uri: is required\n"))
            #expect(!outcome.error.contains("…"))
        }
        #expect(try runner.directory.document() == before)
        #expect(try elsewhere.directory.document() == before)
    }

    @Test func anotherDocumentMayRepeatWhatTheDirectoryHasAndNothingElse() throws {
        let same = try run(Self.older)
        let other = try run(
            Self.older.replacing("ftp://", with: "gopher://").replacing("\"Host: x\"", with: "\"Host: y\""))
        let elsewhere = try CommandRunner().hookline("directory", "import", "-", input: Self.older)

        #expect(same.status == 0, "\(same.error)")
        #expect(same.error.contains(" \(Self.count) values break a rule of the import; they are accepted because the "))
        #expect(same.error.contains(" directory already has them:\n"))
        #expect(other.status == 65)
        #expect(other.error.hasPrefix("hookline: standard input has 2 problems:\n  apps[0].webhook_url: "))
        #expect(elsewhere.status == 65)
        #expect(elsewhere.error.contains(" has \(Self.count) problems:\n"))
    }

    @Test func aMergeReportsOnlyWhatTheDocumentGives() throws {
        let name = try run(#"{"apps": [{"id": 1, "name": "New"}]}"#, "--merge")
        let url = try run(#"{"apps": [{"id": 1, "webhook_url": "ftp://example.com/"}]}"#, "--merge")
        let mended = try run(#"{"apps": [{"id": 1, "slug": "radar"}]}"#, "--merge")
        let wrong = try run(#"{"apps": [{"id": 1, "slug": "ra:dar"}]}"#, "--merge")

        #expect(name.status == 0 && name.error.isEmpty, "\(name.error)")
        #expect(url.status == 0)
        #expect(url.error.contains(" 1 value breaks a rule of the import; it is accepted because the directory "))
        #expect(mended.status == 0 && mended.error.isEmpty, "\(mended.error)")
        #expect(wrong.status == 65)
        #expect(try runner.directory.document().apps.map(\.app.name) == ["New"])
    }
}
