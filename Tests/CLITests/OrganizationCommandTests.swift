import Directory
import Foundation
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite(.eachStore) struct OrganizationCommandTests {
    private let runner: CommandRunner

    init() throws { runner = try CommandRunner() }

    @Test func anOrganizationIsCreatedInAnEmptyDirectoryWithAnEntryInItsAuditLog() throws {
        let outcome = try runner.hookline("organization", "create", "acme", "--name", "Acme Incorporated")
        let json = try runner.hookline("organization", "create", "globex", "--json")

        #expect(outcome.output == "Created the organization acme.\n", "\(outcome.error)")
        #expect(json.output == #"{"id":2,"slug":"globex","name":"globex","status":"active"}"# + "\n")
        let document = try runner.directory.document()
        #expect(document.organizations.map(\.name) == ["Acme Incorporated", "globex"])
        #expect(document.auditEntries.map(\.event) == [10_141, 10_141])
        #expect(document.auditEntries.map(\.organizationID) == [1, 2])
        #expect(document.auditEntries.allSatisfy { $0.actorLabel == OperatorName.current() })
        let list = try runner.hookline("organization", "list").output.split(separator: "\n")
        #expect(
            list == [
                "SLUG    NAME               STATUS", "acme    Acme Incorporated  active",
                "globex  globex             active",
            ])
    }

    @Test(
        arguments: [
            (
                ["a b"],
                "slug: \"a b\" must consist of letters, digits, hyphens, underscores and dots, at most 128, not only dots"
            ),
            (["42"], "slug: must not consist of digits alone: paths take that for an id"),
            (["taken"], "slug: the slug \"taken\" is taken"),
            (["acme", "--name", ""], "--name: must not be empty"),
            (["acme", "--name", "a\nb"], "--name: must not contain control characters"),
        ] as [([String], String)])
    func aBadValueIsNamedAndNothingIsMade(arguments: [String], message: String) throws {
        try runner.hookline("organization", "create", "taken")
        let before = try runner.directory.document()

        let outcome = try runner.hookline(["organization", "create"] + arguments)

        #expect(outcome.status == 65)
        #expect(outcome.error == "hookline: \(message)\n")
        #expect(try runner.directory.document() == before)
    }

    @Test func aNameHasALimit() throws {
        let name = String(repeating: "n", count: 65)

        #expect(
            try runner.hookline("organization", "create", "acme", "--name", name).error
                == "hookline: --name: has 65 characters, the maximum is 64\n")
    }
}

/// A directory in a file that does not exist yet.
@Suite struct FirstOrganizationTests {
    @Test func theFirstOrganizationCreatesTheFileAndARefusedOneDoesNot() throws {
        let runner = try CommandRunner(store: .sqlite)

        let refused = try runner.hookline("organization", "create", "4711")
        let existed = FileManager.default.fileExists(atPath: runner.path)
        let outcome = try runner.hookline("organization", "create", "acme")

        #expect(refused.status == 65)
        #expect(!existed)
        #expect(outcome.status == 0)
        #expect(outcome.error == "Created the directory \(runner.path).\n")
        #expect(try runner.directory.organization(slug: "acme") != nil)
    }

    @Test(
        arguments: [
            ["app", "create", "--organization", "acme", "--name", "Radar"], ["app", "set", "radar", "--name", "x"],
            ["app", "delete", "radar"], ["installation", "list"], ["organization", "list"], ["user", "list"],
            ["installation", "create", "--app", "radar", "--organization", "acme"], ["installation", "delete", "uuid"],
            ["user", "add", "alice", "--email", "alice@acme.example"], ["user", "disable", "alice"],
            ["user", "enable", "alice"], ["member", "add", "alice", "--organization", "acme", "--role", "owner"],
            ["member", "remove", "alice", "--organization", "acme"], ["member", "list", "--organization", "acme"],
        ])
    func otherCommandsSayWhatToDoFirst(command: [String]) throws {
        let runner = try CommandRunner(store: .sqlite)

        let outcome = try runner.hookline(command)

        #expect(outcome.status == 69)
        #expect(outcome.output.isEmpty)
        #expect(
            outcome.error.hasSuffix(
                "No such file or directory; create it with 'hookline directory import FILE' or 'hookline organization "
                    + "create SLUG'\n"))
        #expect(!FileManager.default.fileExists(atPath: runner.path))
    }

    @Test func anEmptyDatabaseInPostgreSQLSaysWhatToDoFirst() throws {
        let database = try PostgreSQLDatabase()
        let runner = try CommandRunner(database: database)

        let outcome = try runner.hookline("organization", "create", "acme")

        #expect(outcome.status == 69)
        #expect(outcome.error.contains("run 'hookline directory migrate --standalone'"), "\(outcome.error)")
    }
}
