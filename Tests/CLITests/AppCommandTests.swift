import Directory
import Foundation
import Model
import System
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct AppCommandTests {
    private let someone: Operator

    init() throws {
        someone = try Operator()
        let document = """
            {"organizations": [{"id": 1, "slug": "acme"}],
             "apps": [
               {"id": 1, "slug": "radar", "name": "Radar", "owner_id": 1, "status": "internal",
                "events": ["issue", "error.created"], "webhook_headers": ["X-Token: hush"], "webhook_timeout_ms": 900,
                "client_secret": "hidden"},
               {"id": 2, "slug": "alarm", "owner_id": 1, "status": "published"}]}
            """
        let outcome = try someone.importDocument(document)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    @Test func disablingAndEnablingRoundTripWithWhoDidItInTheAuditLogAndNoNotice() throws {
        let disabled = try someone.hookline("app", "disable", "radar", "--reason", "floods its receiver")
        #expect(disabled.status == 0)
        #expect(disabled.output == "Disabled radar.\n")
        let app = try #require(try someone.directory.app(slug: "radar"))
        #expect(app.events.isEmpty)
        #expect(app.disablement?.reason == "floods its receiver")
        #expect(app.disablement?.events == ["issue", "error.created"])
        #expect(try someone.directory.pendingNotices(limit: 10).isEmpty)

        let enabled = try someone.hookline("app", "enable", "radar")

        #expect(enabled.status == 0)
        #expect(enabled.output == "Enabled radar, subscribed to issue, error.created.\n")
        #expect(try someone.directory.app(slug: "radar")?.events == ["issue", "error.created"])
        let entries = try someone.directory.document().auditEntries
        #expect(entries.map(\.event) == [131, 10_131])
        for entry in entries {
            #expect(entry.actorLabel == OperatorName.current())
            #expect(entry.actorID == nil)
            #expect(entry.targetObject == 1)
            #expect(entry.dataJSON == #"{"name":"Radar"}"#)
        }
    }

    @Test func whatCannotBeDoneIsRefusedWithAReasonAndStatus65() throws {
        let notDisabled = try someone.hookline("app", "enable", "radar")
        try someone.hookline("app", "disable", "radar", "--reason", "first")
        let twice = try someone.hookline("app", "disable", "radar", "--reason", "second")

        #expect(notDisabled.status == 65)
        #expect(notDisabled.error == "hookline: the app \"radar\" is not disabled\n")
        #expect(twice.status == 65)
        #expect(twice.error == "hookline: the app \"radar\" is disabled already\n")
        #expect(try someone.directory.app(slug: "radar")?.disablement?.reason == "first")
        for command in [["show"], ["enable"], ["disable", "--reason", "x"]] {
            let outcome = try run(["app"] + command + ["missing"])
            #expect(outcome.status == 65)
            #expect(outcome.error == "hookline: the directory has no app with the slug \"missing\"\n")
        }
        #expect(try someone.directory.document().auditEntries.count == 1)
    }

    @Test(arguments: [
        ("", 65), (String(repeating: "x", count: 500), 0),
        (String(repeating: "x", count: 501), 65), ("two\nlines", 65),
    ])
    func aReasonIsOneLineOfBoundedLength(reason: String, status: Int) throws {
        #expect(try run(["app", "disable", "radar", "--reason", reason]).status == Int32(status))
        #expect((try someone.directory.app(slug: "radar")?.disablement != nil) == (status == 0))
    }

    @Test func aDirectoryThatIsNotThereIsNotMade() throws {
        let other = try Operator()

        #expect(try other.hookline("app", "list").status == 69)
        #expect(try other.hookline("app", "enable", "radar").status == 69)
        #expect(try other.hookline("app", "disable", "radar", "--reason", "x").status == 69)
        #expect(throws: DirectoryError.self) { try other.directory.check() }
    }

    @Test func aNightlyImportDoesNotEnableWhatIsDisabledAnExportedDocumentAndDisabledFalseDo() throws {
        let document = { (state: String) in
            #"{"apps": [{"id": 1, "slug": "radar", "owner_id": 1, "status": "published", "events": ["issue"]\#(state)}]}"#
        }
        let enabled = try someone.hookline("directory", "export").output
        try someone.hookline("app", "disable", "radar", "--reason", "floods")
        let disabled = try someone.hookline("directory", "export").output

        let silent = try ["", #", "disabled": null"#].map { state in
            #expect(try someone.importDocument(document(state)).status == 0)
            return try someone.directory.app(slug: "radar")
        }
        #expect(silent.map { $0?.disablement?.events } == [["issue"], ["issue"]])
        #expect(silent.map { $0?.events } == [[], []])
        #expect(try someone.importDocument(document(#", "disabled": false"#)).status == 0)
        #expect(try someone.directory.app(slug: "radar")?.events == ["issue"])
        #expect(try someone.importDocument(disabled, replacing: true).status == 0)
        #expect(try someone.hookline("directory", "export").output == disabled)
        #expect(try someone.importDocument(enabled, replacing: true).status == 0)
        #expect(try someone.hookline("directory", "export").output == enabled)
    }

    @Test func theListNamesEveryAppDisabledThoseAlone() throws {
        try someone.hookline("app", "disable", "alarm", "--reason", "x")

        let table = try someone.hookline("app", "list").output.split(separator: "\n")
        let lines = try someone.hookline("app", "list", "--disabled", "--json").output.split(separator: "\n")

        #expect(table.count == 3)
        #expect(table[0].hasPrefix("SLUG   NAME   STATUS     ORGANIZATION  DISABLED"))
        #expect(table[1].hasPrefix("alarm  alarm  published  acme          20"))
        #expect(table[2].hasPrefix("radar  Radar  internal   acme          -"))
        #expect(table[2].hasSuffix("issue,error.created"))
        #expect(lines.count == 1)
        #expect(lines[0].contains(#""slug":"alarm""#))
    }

    @Test func showingAnAppTellsSinceWhenAndWhyAndNoSecret() throws {
        try someone.hookline("app", "disable", "radar", "--reason", "floods its receiver")

        let text = try someone.hookline("app", "show", "radar").output
        let json = try someone.hookline("app", "show", "radar", "--json").output

        for fact in ["radar", "acme", "internal", "X-Token", "900 ms", "floods its receiver", "issue, error.created"] {
            #expect(text.contains(fact), "\(fact)")
        }
        let value = try JSONValue(parsing: json)
        #expect(value["disabled"]?["reason"] == .string("floods its receiver"))
        #expect(value["webhook_header_names"] == .array([.string("X-Token")]))
        for secret in ["hush", "hidden"] { #expect(!text.contains(secret) && !json.contains(secret)) }
    }

    @Test func ofProgramsThatDisableAnAppAtOnceOneDoesIt() throws {
        let statuses = Lock<[Int32]>([])

        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            let status = try? run(["app", "disable", "radar", "--reason", "all at once"]).status
            statuses.withLock { $0.append(status ?? -1) }
        }

        #expect(statuses.withLock { $0.sorted() } == [0, 65, 65, 65, 65, 65])
        #expect(try someone.directory.document().auditEntries.count == 1)
    }

    @Test func aTokenOfThePlatformItselfCanBeMadeAndSurvivesAnExportAndImport() throws {
        try someone.importDocument(#"{"users": [{"id": 1, "username": "platform"}]}"#)
        let made = try someone.hookline(
            "token", "create", "--user", "platform", "--scope", "hookline:enqueue", "--scope", "project:read")
        let digest = TokenDigest(hashing: String(made.output.dropLast()))
        let scopes = ScopeSet([.hooklineEnqueue, .projectRead])
        #expect(made.status == 0)
        #expect(try someone.directory.token(digest: digest)?.scopes == scopes)

        let other = try Operator()
        try other.importDocument(try someone.hookline("directory", "export").output, replacing: true)

        #expect(try other.directory.token(digest: digest)?.scopes == scopes)
        #expect(try other.hookline("token", "list").output.contains("project:read,hookline:enqueue"))
    }

    private func run(_ arguments: [String]) throws -> (status: Int32, error: String) {
        let (status, _, error) = try ChildProcess.run(
            [try BuiltProducts.path("hookline")] + arguments,
            environment: ["HOOKLINE_DIRECTORY": "sqlite:\(someone.path)", "PATH": "/usr/bin:/bin"])
        guard case .exited(let code) = status else { throw TestSupportError("hookline ended by \(status)") }
        return (code, error)
    }
}
