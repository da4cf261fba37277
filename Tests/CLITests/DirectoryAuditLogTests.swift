import Foundation
import Model
import TestSupport
import Testing

@testable import CLI
@testable import Directory

/// The audit log, which an import only adds to.
@Suite(.eachStore) struct DirectoryAuditLogTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        try runner.importDocument(smallDocument)
        try runner.hookline("app", "disable", "radar", "--reason", "floods")
    }

    private func run(_ document: String, _ flags: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(["directory", "import"] + flags + ["-"], input: document)
    }

    private func audits() throws -> [AuditEntry] { try runner.directory.document().auditEntries }

    @Test func replacingTheDirectoryByAnOlderExportKeepsLaterEntries() throws {
        let backup = try runner.hookline("directory", "export").output
        try runner.hookline("app", "enable", "radar")
        let before = try audits()

        let outcome = try run(backup, "--replace", "--yes")

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try audits().prefix(2) == before[...])
        #expect(try audits().map(\.id) == [1, 2, 3])
        #expect(try audits().map(\.event) == [131, 10_131, 131])
    }

    @Test func entriesOutliveTheirOrganizationAndTheirIDsAreNotUsedAgain() throws {
        let before = try audits()

        let replaced = try run(
            """
            {"organizations": [{"id": 9, "slug": "globex"}],
             "apps": [{"id": 9, "slug": "other", "owner_id": 9}]}
            """, "--replace", "--yes")
        try runner.hookline("app", "disable", "other", "--reason", "floods")
        let backup = try runner.hookline("directory", "export").output
        let restored = try CommandRunner().hookline("directory", "import", "--replace", "-", input: backup)

        #expect(replaced.status == 0, "\(replaced.error)")
        #expect(try audits().map(\.id) == [1, 2])
        #expect(try audits().first == before.first)
        #expect(restored.status == 0, "\(restored.error)")
    }

    @Test func anotherEntryWithTheIDOfOneIsAProblem() throws {
        let before = try runner.directory.document()
        let other = #"{"id": 1, "organization_id": 1, "event": 7, "date": "2026-01-01T00:00:00Z"}"#

        for flags in [[], ["--merge"], ["--replace", "--yes"]] {
            let outcome = try runner.hookline(
                ["directory", "import"] + flags + ["-"], input: #"{"audit_entries": [\#(other)]}"#)

            #expect(outcome.status == 65)
            #expect(outcome.error.contains("audit_entries[0].id: the audit log has another entry with the id 1, and "))
        }
        #expect(try runner.directory.document() == before)
    }

    @Test func theImportsOwnEntryIsNotAChangeThatAnotherImportWouldUndo() throws {
        try runner.hookline("app", "enable", "radar")
        let backup = try runner.hookline("directory", "export").output
        try runner.hookline("app", "disable", "radar", "--reason", "floods")

        let refused = try run(backup)
        let replacing = try run(backup, "--replace")

        for outcome in [refused, replacing] {
            #expect(outcome.status == 65)
            #expect(outcome.error.contains("  changed  app radar: "))
            #expect(!outcome.error.contains("audit entry"))
        }
    }
}
