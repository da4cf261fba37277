import Foundation
import Model
import TestSupport
import Testing

@testable import CLI
@testable import Directory

/// The three modes of an import, and what it asks before it removes or undoes something.
@Suite(.eachStore) struct DirectoryImportModeTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        try runner.importDocument(
            """
            {"organizations": [{"id": 1, "slug": "acme"}],
             "users": [{"id": 1, "username": "alice", "email": "alice@acme.example"}],
             "memberships": [{"user_id": 1, "organization_id": 1, "role": "owner"}],
             "apps": [{"id": 1, "slug": "radar", "name": "Radar", "owner_id": 1, "status": "published",
                       "client_secret": "hush", "events": ["issue"], "webhook_url": "https://example.com/hook"}],
             "tokens": [{"token": "0123456789abcdef", "user_id": 1, "scopes": ["org:read"]}]}
            """)
    }

    private func export() throws -> String { try runner.hookline("directory", "export").output }

    private func run(_ document: String, _ flags: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(["directory", "import"] + flags + ["-"], input: document)
    }

    private func app() throws -> SentryApp { try #require(try runner.directory.app(slug: "radar")) }

    private func audits() throws -> [AuditEntry] { try runner.directory.document().auditEntries }

    // MARK: Modes

    @Test func aRowIsReplacedAsAWholeByDefault() throws {
        let outcome = try run(#"{"apps": [{"id": 1, "slug": "radar", "owner_id": 1}]}"#)

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try app().webhookURL == nil)
        #expect(try app().events == [])
    }

    @Test func aMergeChangesOnlyTheFieldsThatAreGivenAndNullStandsForTheDefault() throws {
        let outcome = try run(
            #"{"apps": [{"id": 1, "webhook_url": "https://new.example/", "name": null}], "users": [{"id": 1, "name": "A"}]}"#,
            "--merge")

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.hasPrefix("Imported 1 user, 1 app into "))
        #expect(try app().webhookURL == "https://new.example/")
        #expect(try app().name == "radar")
        #expect(try app().events == ["issue"])
        #expect(try app().status == .published)
        #expect(try app().clientSecret.exposed == "hush")
        #expect(try runner.directory.user(id: 1)?.email == "alice@acme.example")
        #expect(try runner.directory.user(id: 1)?.name == "A")
    }

    @Test func aMergeFindsRowsByTheirKeysAndAddsThoseThatAreNew() throws {
        let outcome = try run(
            """
            {"memberships": [{"user_id": 1, "organization_id": 1, "team_org_roles": ["manager"]}],
             "tokens": [{"token": "0123456789abcdef", "name": "named"}],
             "projects": [{"id": 7, "slug": "web", "organization_id": 1}]}
            """, "--merge")
        let incomplete = try run(#"{"projects": [{"id": 8, "slug": "api"}]}"#, "--merge")

        #expect(outcome.status == 0, "\(outcome.error)")
        let membership = try #require(try runner.directory.membership(userID: 1, organizationID: 1))
        #expect(membership.role == .owner)
        #expect(membership.teamRoles == [.manager])
        let token = try #require(try runner.directory.tokens().first?.token)
        #expect(token.name == "named")
        #expect(token.scopes == [ScopeSet(.orgRead)])
        #expect(try runner.directory.project(id: 7)?.slug == "web")
        #expect(incomplete.status == 65)
        #expect(incomplete.error.contains("projects[0].organization_id: is required"))
    }

    @Test func mergingTheStateOfADisabledAppKeepsItsSubscriptions() throws {
        _ = try run(#"{"apps": [{"id": 1, "disabled": {"date": "2026-01-01T00:00:00Z", "reason": "r"}}]}"#, "--merge")
        #expect(try app().disablement?.events == ["issue"])
        _ = try run(#"{"apps": [{"id": 1, "events": ["error"]}]}"#, "--merge")
        #expect(try app().disablement?.events == ["error"])
        _ = try run(#"{"apps": [{"id": 1, "name": "Radar 2"}]}"#, "--merge")
        #expect(try app().disablement?.events == ["error"])
        _ = try run(#"{"apps": [{"id": 1, "disabled": false}]}"#, "--merge")
        #expect(try app().disablement == nil)
        #expect(try app().events == ["error"])
    }

    @Test func mergeAndReplaceExcludeEachOther() throws {
        #expect(try run("{}", "--merge", "--replace").status == 64)
    }

    // MARK: Confirmation

    @Test func replacingTheDirectoryByADocumentOfOneOrganizationNeedsAConfirmation() throws {
        let document = #"{"organizations": [{"id": 9, "slug": "globex"}]}"#
        let before = try runner.directory.document()

        let refused = try run(document, "--replace")
        #expect(refused.status == 65)
        #expect(refused.error.contains("1 of 1 organization"))
        #expect(refused.error.contains("1 of 1 token"))
        #expect(refused.error.contains("--yes"))
        #expect(try runner.directory.document() == before)

        #expect(try run(document, "--replace", "--yes").status == 0)
        #expect(try runner.directory.document().organizations.map(\.slug) == ["globex"])
    }

    @Test(arguments: [(1, 0), (2, 65)] as [(Int, Int32)])
    func removingATenthOfAKindIsAllowedAndMoreIsNot(removed: Int, status: Int32) throws {
        let all = (1...10).map { #"{"id": \#($0), "slug": "p\#($0)", "organization_id": 1}"# }
        _ = try run(#"{"projects": [\#(all.joined(separator: ","))]}"#)
        let exported = try JSONSerialization.jsonObject(with: Data(try export().utf8))
        var document = try #require(exported as? [String: Any])
        document["projects"] = Array(try #require(document["projects"] as? [Any]).dropLast(removed))
        let json = String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)

        #expect(try run(json, "--replace").status == status)
    }

    @Test func anOlderExportDoesNotEnableAnAppThatWasDisabledSinceWithoutAConfirmation() throws {
        let backup = try export()
        try runner.hookline("app", "disable", "radar", "--reason", "floods")

        let refused = try run(backup)
        #expect(refused.status == 65)
        #expect(refused.error.contains("changed  app radar: events, disabled"))
        #expect(try app().disablement?.reason == "floods")
        #expect(try audits().map(\.event) == [131])

        let confirmed = try run(backup, "--yes")
        #expect(confirmed.status == 0, "\(confirmed.error)")
        #expect(confirmed.output.contains("Enabled radar.\n"))
        #expect(try app().disablement == nil)
        #expect(try app().events == ["issue"])
        let last = try #require(try audits().last)
        #expect(last.event == 10131)
        #expect(last.organizationID == 1)
        #expect(last.actorLabel == OperatorName.current())
        #expect(last.dataJSON == #"{"name":"Radar"}"#)
    }

    @Test func disablingAnAppByAnImportIsReportedAndAudited() throws {
        let outcome = try run(
            #"{"apps": [{"id": 1, "disabled": {"date": "2026-01-01T00:00:00Z", "reason": "r"}}]}"#, "--merge")

        #expect(outcome.output.contains("Disabled radar.\n"))
        #expect(try audits().map(\.event) == [131])
    }

    @Test func aTokenCreatedOrRevokedSinceTheExportIsNotRemovedOrRestoredWithoutAConfirmation() throws {
        let backup = try export()
        _ = try runner.hookline("token", "create", "--user", "alice", "--name", "new")

        let removing = try run(backup, "--replace")
        #expect(removing.status == 65)
        #expect(removing.error.contains("removed  token 2 (new)"))
        #expect(try runner.directory.tokens().count == 2)

        try runner.hookline("token", "revoke", "1")
        let restoring = try run(backup)
        #expect(restoring.status == 65)
        #expect(restoring.error.contains("added    token 1"))
        #expect(try runner.directory.tokens().map(\.token.id) == [2])
    }

    @Test func anImportSinceTheExportIsAChangeAndOneBeforeItIsNot() throws {
        _ = try run(#"{"apps": [{"id": 1, "name": "Earlier"}]}"#, "--merge")
        let backup = try export()
        #expect(try run(backup.replacing("Earlier", with: "Edited")).status == 0)
        _ = try run(#"{"users": [{"id": 1, "name": "Later"}]}"#, "--merge")

        let refused = try run(backup)

        #expect(refused.status == 65)
        #expect(refused.error.contains("changed  user alice: name\n"))
        #expect(refused.error.contains("changed  app radar: name\n"))
    }

    // MARK: Dry run

    @Test func aDryRunShowsWhatWouldChangeAndChangesNothing() throws {
        let before = try runner.directory.document()

        let outcome = try run(
            """
            {"organizations": [{"id": 1, "slug": "acme", "name": "Acme!"}],
             "users": [{"id": 1, "username": "alice", "email": "alice@acme.example"}, {"id": 2, "username": "bob"}],
             "memberships": [{"user_id": 1, "organization_id": 1, "role": "owner"}]}
            """, "--replace", "--dry-run")

        #expect(outcome.status == 0)
        #expect(
            outcome.output == """
                changed  organization acme: name
                added    user bob
                removed  app radar
                removed  token 1
                1 added, 1 changed, 2 removed.

                """)
        #expect(outcome.error.contains("needs --yes"))
        #expect(!(outcome.output + outcome.error).contains("hush"))
        #expect(try runner.directory.document() == before)
        #expect(try run(try export(), "--dry-run").output == "Nothing would change.\n")
    }

    // MARK: Secrets

    @Test func anAppWithoutASecretGetsOneAndKeepsIt() throws {
        let document = #"{"apps": [{"id": 2, "slug": "mute", "owner_id": 1, "client_secret": ""}]}"#

        let first = try run(document)
        let secret = try #require(try runner.directory.app(slug: "mute")).clientSecret.exposed
        let second = try run(document)

        #expect(first.error == "hookline: generated client secrets for apps without one: mute\n")
        #expect(secret.utf8.count == 64)
        #expect(second.error == "")
        #expect(try runner.directory.app(slug: "mute")?.clientSecret.exposed == secret)
    }
}

/// Dry runs, backup and restore with the file of an embedded directory.
@Suite struct DirectoryExportTests {
    @Test func aDryRunMakesNoDirectoryAndMigratesNone() throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)
        let other = try CommandRunner()

        let outcome = try other.hookline("directory", "import", "--dry-run", "-", input: smallDocument)

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.contains("added    app radar\n"))
        #expect(!FileManager.default.fileExists(atPath: other.path))
        func version() throws -> Int64? {
            try SQLiteDatabase(path: runner.path, mode: .updating, busyTimeoutMilliseconds: 1000)
                .integer("PRAGMA user_version")
        }
        try SQLiteDatabase(path: runner.path, mode: .updating, busyTimeoutMilliseconds: 1000)
            .execute("PRAGMA user_version = 2")
        let older = try runner.hookline("directory", "import", "--dry-run", "-", input: "{}")
        #expect(older.status == 69)
        #expect(older.error.contains("run 'hookline directory migrate'"))
        #expect(try version() == 2)
    }

    @Test func aBackupIsReadableOnlyByItsOwnerAndRestoresTheSameDirectory() throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)
        let before = try runner.directory.document()
        let backup = try runner.folder.write("older", to: "backup.json")
        chmod(backup, 0o644)

        let outcome = try runner.hookline("directory", "export", "--output", backup)
        for suffix in ["", "-wal", "-shm"] { unlink(runner.path + suffix) }
        let restored = try runner.hookline("directory", "import", "--replace", backup)

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output == "")
        let attributes = try FileManager.default.attributesOfItem(atPath: backup)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(restored.status == 0, "\(restored.error)")
        #expect(try runner.directory.document() == before)
        let files = try FileManager.default.contentsOfDirectory(atPath: runner.folder.path)
        #expect(files.filter { $0.hasPrefix("backup") } == ["backup.json"])
    }

    @Test(.eachStore) func aBackupThatCannotBeWrittenIsAnErrorAndLeavesTheOldOne() throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)

        let outcome = try runner.hookline("directory", "export", "--output", runner.folder.file("none/backup.json"))

        #expect(outcome.status == 73)
        #expect(outcome.error.contains("cannot write \(runner.folder.file("none/backup.json"))"))
    }

    @Test func standardOutputThatOthersCanReadIsAWarning() throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)
        let file = runner.folder.file("out.json")
        func export(mask: String) throws -> String {
            try ChildProcess.run(
                [
                    "/bin/sh", "-c", "umask \(mask); rm -f \"$1\"; exec \"$0\" directory export >\"$1\"",
                    BuiltProducts.path("hookline"), file,
                ],
                environment: ["HOOKLINE_DIRECTORY": "sqlite:\(runner.path)"]
            ).error
        }

        #expect(try export(mask: "022").contains("others can read this file"))
        #expect(try export(mask: "077") == "")
    }
}
