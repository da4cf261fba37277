import Directory
import Foundation
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

/// `hookline app set`.
@Suite(.eachStore) struct AppSettingsCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        let outcome = try runner.importDocument(
            """
            {"organizations": [{"id": 1, "slug": "acme"}],
             "apps": [{"id": 1, "slug": "radar", "name": "Radar", "owner_id": 1, "status": "published",
                       "client_secret": "hidden", "webhook_headers": ["X-Token: hush", "X-Tenant: a"]}]}
            """)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    private func app() throws -> SentryApp { try #require(try runner.directory.app(slug: "radar")) }

    private func audits() throws -> [AuditEntry] { try runner.directory.document().auditEntries }

    @Test func settingsAreChangedShownAuditedAndSurviveAnExport() throws {
        let file = try runner.folder.write("X-File: from file\n\n", to: "headers")

        let outcome = try runner.hookline(
            "app", "set", "radar", "--policy", "standard", "--timeout-ms", "900", "--header", "x-tenant: b", "--header",
            "X-New: c", "--headers-file", file, "--remove-header", "X-TOKEN")

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(
            outcome.output
                == "Changed radar: policy standard, timeout 900 ms, without header X-TOKEN, header x-tenant, header X-New, "
                + "header X-File.\n")
        let app = try app()
        #expect(app.deliveryPolicy == .standard && app.webhookTimeoutMilliseconds == 900)
        #expect(app.customHeaders.map(\.exposedText) == ["x-tenant: b", "X-New: c", "X-File: from file"])
        #expect(app.clientSecret.exposed == "hidden")
        let entry = try #require(try audits().first)
        #expect(entry.event == AuditEntry.appSettingsChanged && entry.actorLabel == OperatorName.current())
        #expect(entry.organizationID == 1)
        #expect(entry.dataJSON.contains(#""changes":["policy standard","timeout 900 ms""#))
        #expect(!entry.dataJSON.contains("from file"))
        let other = try CommandRunner()
        #expect(try other.importDocument(runner.export(), replacing: true).status == 0)
        #expect(try other.export() == runner.export())
        let shown = try runner.hookline("app", "show", "radar").output
        #expect(shown.contains("delivery policy:  standard (the app's own)\n"), "\(shown)")
        let json = try JSONValue(parsing: try runner.hookline("app", "show", "radar", "--json").output)
        #expect(json["delivery_policy"] == .string("standard") && json["effective_policy"] == .string("standard"))
    }

    @Test func aSettingThatIsThereAlreadyIsNotWrittenAgain() throws {
        let before = try runner.directory.document()

        let outcome = try runner.hookline(
            "app", "set", "radar", "--policy", "default", "--timeout-ms", "default", "--header", "X-Tenant: a")

        #expect(outcome.output == "radar has these settings already.\n", "\(outcome.error)")
        #expect(try runner.directory.document() == before)
    }

    @Test func defaultTakesTheAppsOwnValueBack() throws {
        try runner.hookline("app", "set", "radar", "--policy", "sentry", "--timeout-ms", "5")

        let outcome = try runner.hookline("app", "set", "radar", "--policy", "default", "--timeout-ms", "default")

        #expect(outcome.output == "Changed radar: policy default, timeout default.\n", "\(outcome.error)")
        #expect(try app().deliveryPolicy == nil && app().webhookTimeoutMilliseconds == nil)
        let environment = ["HOOKLINE_POLICY": "standard"]
        let shown = try runner.hookline("app", "show", "radar", environment: environment).output
        #expect(shown.contains("delivery policy:  standard (HOOKLINE_POLICY)\n"), "\(shown)")
    }

    @Test(
        arguments: [
            (["--policy", "fast"], "--policy: \"fast\" is not one of sentry, standard, default"),
            (["--timeout-ms", "0"], "--timeout-ms: \"0\" is not a number from 1 to 600000, or default"),
            (["--timeout-ms", "600001"], "--timeout-ms: \"600001\" is not a number from 1 to 600000, or default"),
            (["--timeout-ms", "soon"], "--timeout-ms: \"soon\" is not a number from 1 to 600000, or default"),
            (["--header", "geheim"], "--header: must be a name, a colon and a value"),
            (["--header", "Host: geheim"], "--header: Host is reserved: Hookline sets it"),
            (["--header", "X-A:"], "--header: X-A has no value"),
            (["--header", "X-A: 1", "--header", "x-a: geheim"], "the header x-a is named twice"),
            (["--header", "X-A: 1", "--remove-header", "X-A"], "the header X-A is named twice"),
            (
                ["--header", "X-A: geheim\u{FFFD}"],
                "--header: the value of X-A is not UTF-8, or has U+FFFD, which stands for what is not"
            ),
            (["--remove-header", "X-Token: geheim"], "--remove-header: give the header's name alone"),
            (["--remove-header", "X-Token geheim"], "--remove-header: give the header's name alone"),
            (["--remove-header", ""], "--remove-header: give the header's name alone"),
            (["--timeout-ms", "+5"], "--timeout-ms: \"+5\" is not a number from 1 to 600000, or default"),
            (["--remove-header", "X-None"], "--remove-header: the app has no header \"X-None\""),
        ] as [([String], String)])
    func aBadValueIsNamedWithStatus65AndNothingIsChanged(arguments: [String], message: String) throws {
        let before = try runner.directory.document()

        let outcome = try runner.hookline(["app", "set", "radar", "--timeout-ms", "7"] + arguments)

        #expect(outcome.status == 65)
        #expect(outcome.error == "hookline: \(message)\n")
        #expect(!outcome.error.contains("geheim"))
        #expect(try runner.directory.document() == before)
    }

    @Test func aFileOfHeadersMayHaveTheLineEndsAndTheMarkOfOtherSystemsButMustBeText() throws {
        let good = try runner.folder.write("\u{FEFF}X-A: 1\u{2028}\r\nX-B: 2\r\n", to: "good")
        let bad = runner.folder.file("bad")
        try Data(Array("X-C: a".utf8) + [0xFF]).write(to: URL(fileURLWithPath: bad))

        #expect(try runner.hookline("app", "set", "radar", "--headers-file", good).status == 0)
        let outcome = try runner.hookline("app", "set", "radar", "--headers-file", bad)

        #expect(try app().customHeaders.map(\.exposedText).suffix(2) == ["X-A: 1\u{2028}", "X-B: 2"])
        #expect(outcome.status == 65)
        #expect(
            outcome.error
                == "hookline: \(bad) line 1: the value of X-C is not UTF-8, or has U+FFFD, which stands for what is not\n"
        )
    }

    @Test func noMoreHeadersThanAnAppMayHave() throws {
        let headers = (1...19).flatMap { ["--header", "X-\($0): 1"] }

        let outcome = try runner.hookline(["app", "set", "radar"] + headers)

        #expect(outcome.status == 65)
        #expect(outcome.error == "hookline: with these headers, the app has 21 headers, the maximum is 20\n")
        #expect(try app().customHeaders.count == 2)
    }

    @Test func withoutASettingAndForAnUnknownAppThereIsAnError() throws {
        let nothing = try runner.hookline("app", "set", "radar")
        let unknown = try runner.hookline("app", "set", "rader", "--policy", "sentry")

        #expect(nothing.status == 64)
        #expect(nothing.error.contains("give at least one option, such as "))
        #expect(unknown.status == 65)
        #expect(unknown.error == "hookline: no such app: rader\n")
    }
}
