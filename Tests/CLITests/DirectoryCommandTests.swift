import Foundation
import Model
import System
import TestSupport
import Testing

@testable import CLI
@testable import Directory

@Suite struct DirectoryCommandTests {
    @Test(.eachStore) func aDocumentIsImportedFromStandardInputAndFromAFileAndCanBeLookedUp() throws {
        let runner = try CommandRunner()
        let file = try runner.folder.write(smallDocument, to: "small.json")

        let first = try runner.importDocument(smallDocument)
        let second = try runner.hookline("directory", "import", file)

        #expect(first.status == 0, "\(first.error)")
        #expect(
            try first.output
                == "Imported 1 organization, 2 users, 1 membership, 2 apps, 1 token into \(runner.name).\n")
        #expect(second.output == first.output)
        #expect(try runner.directory.app(slug: "radar")?.webhookURL == "https://example.com/hook")
        #expect(try runner.directory.token(digest: TokenDigest(hashing: "a-token-in-clear"))?.userID == 1)
    }

    @Test(.eachStore, arguments: [false, true])
    func importingTwiceChangesNoByteOfTheExport(replacing: Bool) throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)
        let before = try runner.export()

        try runner.importDocument(smallDocument, replacing: replacing)

        #expect(try runner.export() == before)
    }

    @Test(.eachStore) func anExportHasNoTokenInClearAndImportingItGivesTheSameExport() throws {
        let runner = try CommandRunner()
        let other = try CommandRunner()
        try runner.importDocument(smallDocument)
        try other.importDocument(#"{"organizations": [{"id": 9, "slug": "acme"}]}"#)

        let exported = try runner.export()
        let imported = try other.importDocument(exported, replacing: true)

        #expect(imported.status == 0, "\(imported.error)")
        #expect(try other.export() == exported)
        #expect(!exported.contains("a-token-in-clear"))
        #expect(exported.contains(TokenDigest(hashing: "a-token-in-clear").rawValue))
    }

    @Test(.eachStore, arguments: ["101", "102", "103"])
    func theGoldenDirectoriesAreImportedAsTheyAre(name: String) throws {
        let runner = try CommandRunner()
        let golden = try Golden(name: name)
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: golden.path)))
                as? [String: Any])
        let json = try JSONSerialization.data(withJSONObject: try #require(document["directory"]))

        let imported = try runner.importDocument(String(decoding: json, as: UTF8.self))
        let exported = try runner.export()
        try runner.importDocument(exported, replacing: true)

        #expect(imported.status == 0, "\(imported.error)")
        #expect(try runner.export() == exported)
        for user in golden.directory["users"].elements {
            let email = try #require(user["email"].string)
            #expect(try runner.directory.user(login: email)?.name == user["name"].string)
        }
        for app in golden.directory["apps"].elements {
            let slug = try #require(app["slug"].string)
            let found = try #require(try runner.directory.app(slug: slug))
            #expect(found.clientSecret.exposed == app["client_secret"].string)
            #expect(found.status.name == app["status"].string)
            #expect(
                try runner.directory.components(appID: found.id).map(\.type)
                    == app["components"].elements.compactMap(\.string))
        }
        for token in golden.directory["tokens"].elements {
            let digest = TokenDigest(hashing: try #require(token["token"].string))
            let found = try #require(try runner.directory.token(digest: digest))
            #expect(Set(found.scopes.scopes.map(\.rawValue)) == Set(token["scopes"].elements.compactMap(\.string)))
        }
    }

    @Test func anInvalidDocumentIsReportedWithFileAndFieldsAndImportsNothing() throws {
        let runner = try CommandRunner()
        let file = try runner.folder.write(
            #"{"organizations": [{"id": 1, "slug": "a", "nmae": 1}], "apps": [{"status": "publishd"}]}"#,
            to: "wrong.json")

        let outcome = try runner.hookline("directory", "import", file)

        #expect(outcome.status == 65)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.hasPrefix("hookline: \(file) has 5 problems:\n"))
        #expect(outcome.error.contains("  organizations[0].nmae: unknown field\n"))
        #expect(outcome.error.contains("  apps[0].status: \"publishd\" is not one of unpublished, published, "))
        #expect(outcome.error.hasSuffix("Nothing was imported.\n"))
        #expect(!FileManager.default.fileExists(atPath: runner.path))
    }

    @Test(.eachStore) func aReferenceThatLeadsNowhereIsAProblemWithStatus65() throws {
        let runner = try CommandRunner()

        let outcome = try runner.importDocument(
            #"{"organizations": [{"id": 1, "slug": "a"}], "projects": [{"id": 1, "slug": "p", "organization_id": 2}]}"#)

        #expect(outcome.status == 65)
        #expect(
            outcome.error.contains(" has 1 problem:\n  projects[0].organization_id: there is no organization 2\n"))
        #expect(try runner.directory.organization(id: 1) == nil)
    }

    @Test(.eachStore) func whatIsNotJSONIsRefusedWithLineAndColumn() throws {
        let runner = try CommandRunner()

        let outcome = try runner.importDocument("{\n  \"users\": [}\n")

        #expect(outcome.status == 65)
        #expect(outcome.error.contains("standard input is not JSON"))
        #expect(outcome.error.contains("line 2"))
    }

    @Test func eachKindOfFailureHasItsExitStatus() throws {
        let runner = try CommandRunner()
        let bad = runner.folder.file("no/such/folder/x.sqlite")

        #expect(try runner.hookline("directory", "import").status == 64)
        #expect(try runner.hookline("directory", "imprt").status == 64)
        #expect(try runner.hookline("directory", "import", "/no/such/file").status == 66)
        #expect(try runner.hookline("directory", "export").status == 69)
        #expect(try runner.hookline("directory", "migrate", "--directory", "sqlite:\(bad)").status == 69)
        #expect(try runner.hookline("directory", "export", "--directory", "postgres:x").status == 78)
        let password = try runner.hookline("directory", "export", "--directory", "postgres://ann:hunter2@h/d")
        #expect(password.status == 78)
        #expect(password.error.contains("set HOOKLINE_DIRECTORY or HOOKLINE_DIRECTORY_FILE instead"))
        #expect(!password.error.contains("hunter2"))
        let wrong = try runner.hookline("directory", "export", environment: ["HOOKLINE_DIRECTORY": "x"])
        #expect(wrong.status == 78)
        #expect(
            wrong.error.hasPrefix(
                "hookline: HOOKLINE_DIRECTORY: \"x\" is not a valid directory address; use sqlite:PATH"))
    }

    @Test func anExportThatCannotBeWrittenWholeFails() throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)

        let outcome = try ChildProcess.run(
            [
                "/bin/sh", "-c", "exec \"$0\" directory export --directory \"$1\" > /dev/full",
                try BuiltProducts.path("hookline"), "sqlite:\(runner.path)",
            ])

        #expect(outcome.status == .exited(73))
        #expect(outcome.error.contains("cannot write the result: No space left on device"))
    }

    @Test func migratingCreatesTheFileAndIsIdempotent() throws {
        let runner = try CommandRunner()

        #expect(try runner.hookline("directory", "migrate").status == 0)
        let again = try runner.hookline("directory", "migrate").output
        #expect(again == "\(runner.path) has the tables of this version.\n")
        try runner.directory.check()
        let standalone = try runner.hookline("directory", "migrate", "--standalone")
        #expect(standalone.status == 65)
        #expect(standalone.error.contains("--standalone is for PostgreSQL"))
    }

    @Test func readersInThreadsAreNeverDisturbedByImportsOfAnotherProcessAndSeeAllOrNothingOfEach() throws {
        let runner = try CommandRunner()
        func document(_ version: Int) -> String {
            """
            {"organizations": [{"id": 1, "slug": "acme", "name": "v\(version)"}],
             "apps": [{"id": 1, "slug": "radar-\(version % 2)", "name": "v\(version)", "owner_id": 1}]}
            """
        }
        try runner.importDocument(document(0))
        let directory = SQLiteDirectory(path: runner.path, limits: .init(connectionCount: 4, waitMilliseconds: 20_000))
        let readers = Readers(directory: directory, count: 4)

        readers.start()
        for version in 1...6 {
            let outcome = try runner.importDocument(document(version), replacing: version % 3 == 0)
            #expect(outcome.status == 0, "\(outcome.error)")
        }
        try waitUntil("readers have seen the last import") { readers.lastName == "v6" }
        let report = readers.stop()

        #expect(report.errors == [])
        #expect(report.readCount > 100)
        #expect(report.contradictions == [])
    }
}

@Suite struct ReadAccessTests {
    @Test(.enabled(if: geteuid() == 0, "changing the user id needs root"))
    func aUserWhoMayReadTheThreeFilesButNotWriteToTheFolderCanReadTheDirectory() throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)
        let files = FileManager.default
        let program = runner.folder.file("hookline")
        // Copied by a process of its own: a descriptor of ours that is open for writing could be inherited by what other
        // tests start at this moment, and a program that somebody writes to cannot be started.
        #expect(try ChildProcess.run(["cp", BuiltProducts.path("hookline"), program]).status == .exited(0))
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: runner.folder.path)
        for suffix in ["", "-wal", "-shm"] {
            try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: runner.path + suffix)
        }
        let command = [
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "directory", "export",
            "--directory", "sqlite:\(runner.path)",
        ]

        let allowed = try ChildProcess.run(command)
        for suffix in ["-wal", "-shm"] { try files.removeItem(atPath: runner.path + suffix) }
        let refused = try ChildProcess.run(command)

        #expect(allowed.status == .exited(0), "\(allowed.error)")
        #expect(allowed.output.contains(#""slug": "radar""#))
        #expect(refused.status == .exited(69))
        #expect(refused.error.contains("'hookline directory migrate' creates"))
    }
}

/// Threads that read a directory in a loop.
final class Readers: Sendable {
    struct Report: Sendable {
        var readCount = 0
        var errors: [String] = []
        /// Exports that show one import's organization beside another's app.
        var contradictions: [String] = []
        var lastName: String?
        var isStopped = false
        var runningCount = 0
    }

    private let report = Lock(Report())
    private let directory: SQLiteDirectory
    private let count: Int

    init(directory: SQLiteDirectory, count: Int) {
        self.directory = directory
        self.count = count
    }

    var lastName: String? { report.withLock { $0.lastName } }

    func start() {
        report.withLock { $0.runningCount = count }
        for _ in 0..<count { Thread.detachNewThread { self.read() } }
    }

    /// Ends the threads and says what they saw.
    func stop() -> Report {
        report.withLock { $0.isStopped = true }
        while report.withLock({ $0.runningCount }) > 0 { usleep(1000) }
        return report.withLock { $0 }
    }

    private func read() {
        while !report.withLock({ $0.isStopped }) {
            do {
                let name = try directory.organization(slug: "acme")?.name
                let document = try directory.document()
                let organization = document.organizations.first?.name
                let app = document.apps.first?.app.name
                report.withLock {
                    $0.readCount += 1
                    $0.lastName = name ?? $0.lastName
                    if organization != app { $0.contradictions.append("\(organization ?? "-") beside \(app ?? "-")") }
                }
            } catch {
                report.withLock { $0.errors.append("\(error)") }
            }
        }
        report.withLock { $0.runningCount -= 1 }
    }
}
