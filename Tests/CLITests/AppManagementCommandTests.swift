import Directory
import Foundation
import Model
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

/// `hookline app create`, `set` with fields, and `delete`.
@Suite(.eachStore) struct AppManagementCommandTests {
    private let runner: CommandRunner
    private static let url = "https://example.com/hook"
    /// The same in every store.
    private static let catalogue = ["HOOKLINE_EVENTS": "23.7"]

    init() throws {
        runner = try CommandRunner()
        let outcome = try runner.hookline("organization", "create", "acme")
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    @discardableResult
    private func create(_ name: String, _ arguments: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(
            ["app", "create", "--organization", "acme", "--name", name] + arguments, environment: Self.catalogue)
    }

    private func app(_ slug: String) throws -> SentryApp { try #require(try runner.directory.app(slug: slug)) }

    private func lastAudit() throws -> AuditEntry {
        try #require(try runner.directory.document().auditEntries.last)
    }

    /// Those of Hookline's settings among them; nothing is created or changed.
    @Test func allProblemsOfACommandAreReportedTogether() throws {
        let options = [
            "--policy", "fast", "--timeout-ms", "soon", "--header", "no-colon", "--header", "Host: x", "--webhook-url",
            "ftp://x",
        ]
        let before = try runner.directory.document()

        let created = try runner.hookline(
            ["app", "create", "--organization", "acme", "--name", "", "--status", "lost"] + options)
        #expect(try runner.directory.document() == before)
        try create("Radar")
        let named = try runner.directory.document()
        let changed = try runner.hookline(["app", "set", "radar", "--status", "lost"] + options)
        let settings = try runner.hookline(["app", "set", "radar"] + options.prefix(8))

        for outcome in [created, changed, settings] {
            #expect(outcome.status == 65)
            for option in ["--policy: \"fast\" ", "--timeout-ms: \"soon\" ", "--header: must be a name", "--header: "] {
                #expect(outcome.error.contains(option), "\(option) \(outcome.error)")
            }
        }
        for outcome in [created, changed] {
            #expect(
                outcome.error.contains("--webhook-url: ") && outcome.error.contains("--status: "), "\(outcome.error)")
        }
        #expect(created.error.contains("--name: "), "\(created.error)")
        #expect(settings.error.split(separator: "\n").count == 4, "\(settings.error)")
        #expect(try runner.directory.document() == named)
    }

    @Test func changesPrintJSON() throws {
        func json(_ arguments: String...) throws -> JSONValue {
            let outcome = try runner.hookline(arguments + ["--json"], environment: Self.catalogue)
            guard outcome.status == 0 else { throw TestSupportError(outcome.error) }
            return try JSONValue(parsing: outcome.output)
        }
        try create("Radar", "--webhook-url", Self.url)
        let former = try runner.folder.write("former-secret", to: "former")

        #expect(
            try json("app", "set", "radar", "--timeout-ms", "900")["changes"] == .array([.string("timeout 900 ms")]))
        #expect(try json("app", "set", "radar", "--timeout-ms", "900")["changes"] == .array([]))
        #expect(
            try json("app", "previous-secret", "add", "radar", "--secret-file", former)["previous_valid_until"] != nil)
        #expect(try json("app", "previous-secret", "remove", "radar", "--all")["app"] == .string("radar"))
        _ = try json("app", "signing-key", "create", "radar")
        _ = try json("app", "signing-key", "create", "radar")
        #expect(try json("app", "signing-key", "finish", "radar")["app"] == .string("radar"))
        #expect(try json("app", "signing-key", "remove", "radar")["previous_valid_until"] == .null)
        #expect(try json("app", "disable", "radar", "--reason", "x")["app"] == .string("radar"))
    }

    @Test func anAppIsCreatedWithEveryFieldAndItsSecretIsPrintedOnceInBothForms() throws {
        let schema = try runner.folder.write(
            #"{"elements": [{"type": "issue-link", "link": {"uri": "/a", "required_fields": []},"#
                + #" "create": {"uri": "/b", "required_fields": []}}]}"#, to: "schema.json")
        let headers = try runner.folder.write("X-File: geheim\n", to: "headers")

        let outcome = try create(
            "Release Radar", "--webhook-url", Self.url, "--event", "issue", "--event", "comment.created", "--scope",
            "event:read", "--scope", "org:read", "--allowed-origin", "https://a.example", "--redirect-url",
            "https://example.com/setup", "--author", "Acme", "--overview", "It watches.", "--schema", schema,
            "--status",
            "published", "--alertable", "--no-verify-install", "--policy", "standard", "--timeout-ms", "900",
            "--headers-file", headers)

        #expect(outcome.status == 0, "\(outcome.error)")
        let app = try app("release-radar")
        #expect(app.name == "Release Radar" && app.status == .published && app.webhookURL == Self.url)
        #expect(
            app.events == ["issue.created", "issue.resolved", "issue.ignored", "issue.assigned", "comment.created"])
        #expect(app.scopes == ScopeSet([.eventRead, .orgRead]) && app.allowedOrigins == ["https://a.example"])
        #expect(app.redirectURL == "https://example.com/setup" && app.author == "Acme")
        #expect(app.overview == "It watches." && app.isAlertable && !app.verifyInstall)
        #expect(app.deliveryPolicy == .standard && app.webhookTimeoutMilliseconds == 900)
        #expect(app.customHeaders.map(\.exposedText) == ["X-File: geheim"])
        #expect(try runner.directory.components(appID: app.id).map(\.type) == ["issue-link"])
        let shown = try JSONValue(parsing: try runner.hookline("app", "show", "release-radar", "--json").output)
        #expect(shown["uuid"] == .string(app.uuid) && shown["client_id"] == .string(app.clientID))
        #expect(shown["scopes"] == .array([.string("event:read"), .string("org:read")]))
        #expect(shown["is_alertable"] == .bool(true) && shown["verify_install"] == .bool(false))
        let text = try runner.hookline("app", "show", "release-radar").output
        #expect(text.contains("scopes:           event:read, org:read\n"), "\(text)")
        let secret = app.clientSecret
        #expect(secret.exposed.utf8.count == 64)
        for value in [
            app.slug, app.uuid, app.clientID, secret.exposed, SigningKey.standardForm(of: secret).exposed,
        ] {
            #expect(outcome.output.contains("  \(value)\n"), "\(outcome.output)")
        }
        #expect(!outcome.error.contains(secret.exposed) && !outcome.error.contains("geheim"))
        let entry = try lastAudit()
        #expect(entry.event == AuditEntry.appCreated && entry.actorLabel == OperatorName.current())
        #expect(entry.organizationID == app.ownerID && entry.dataJSON == #"{"name":"Release Radar"}"#)
    }

    @Test func anInternalAppIsPrintedAsJSON() throws {
        let outcome = try create("Inside", "--slug", "within", "--internal", "--json")

        let app = try app("within")
        #expect(app.status == .internal)
        #expect(
            try JSONValue(parsing: outcome.output)
                == .object([
                    .init(name: "app", value: .string("within")), .init(name: "uuid", value: .string(app.uuid)),
                    .init(name: "client_id", value: .string(app.clientID)),
                    .init(name: "client_secret", value: .string(app.clientSecret.exposed)),
                    .init(
                        name: "standard_webhooks_secret",
                        value: .string(SigningKey.standardForm(of: app.clientSecret).exposed)),
                ]))
    }

    @Test(
        arguments: [
            (
                ["--webhook-url", "http://127.0.0.1/hook"],
                "--webhook-url: 127.0.0.1 is not a public address (loopback); use a public address, or name it in "
                    + "HOOKLINE_ALLOWED_NETWORKS"
            ),
            (["--event", "issue"], "--webhook-url: is required for an app that has events or is alertable"),
            (
                ["--webhook-url", url, "--event", "issues"],
                "--event: \"issues\" is no event that an app can subscribe to: use one of issue, error, comment, or a "
                    + "name such as issue.created"
            ),
            (["--allowed-origin", "a b"], "--allowed-origin: \"a b\" must be one word without white space"),
            (["--status", "internal"], "--status: \"internal\" is not one of unpublished, published"),
            (["--slug", "12"], "--slug: must not consist of digits alone: paths take that for an id"),
            (["--slug", "taken"], "--slug: the slug \"taken\" is taken"),
            (["--policy", "fast"], "--policy: \"fast\" is not one of sentry, standard, default"),
            (["--timeout-ms", "0"], "--timeout-ms: \"0\" is not a number from 1 to 600000, or default"),
            (["--header", "geheim"], "--header: must be a name, a colon and a value"),
            (["--header", "X-A: 1", "--header", "x-a: geheim"], "the header x-a is named twice"),
        ] as [([String], String)])
    func aBadValueIsNamedAsByTheAPIAndNothingIsMade(arguments: [String], message: String) throws {
        try create("Taken")
        let before = try runner.directory.document()

        let outcome = try runner.hookline(
            ["app", "create", "--organization", "acme", "--name", "Radar", "--scope", "org:read"] + arguments,
            environment: Self.catalogue)

        #expect(outcome.status == 65)
        #expect(outcome.error == "hookline: \(message)\n")
        #expect(outcome.output.isEmpty && !outcome.error.contains("geheim"))
        #expect(try runner.directory.document() == before)
    }

    @Test func allProblemsAreListedAtOnce() throws {
        let file = try runner.folder.write(
            #"{"elements": [{"type": "issue-link", "link": {"uri": "x"}}]}"#, to: "schema.json")

        let outcome = try create(String(repeating: "n", count: 65), "--scope", "root", "--schema", file)
        let noJSON = try create("Radar", "--schema", try runner.folder.write("{", to: "half"))
        let absent = try create("Radar", "--schema", "/no/such")
        let nowhere = try runner.hookline("app", "create", "--organization", "globex", "--name", "Radar")

        #expect(outcome.status == 65)
        let lines = outcome.error.split(separator: "\n")
        #expect(lines.contains("hookline: --name: has 65 characters, the maximum is 64"))
        #expect(lines.contains { $0.hasPrefix("--scope: \"root\" is not one of project:read, ") })
        #expect(lines.contains { $0.hasPrefix("--schema: elements[0].link.uri: must begin with a slash") })
        #expect(noJSON.status == 65)
        #expect(noJSON.error.hasPrefix("hookline: --schema: \(runner.folder.file("half")) is not JSON: "))
        #expect(absent.status == 66)
        #expect(nowhere.status == 65)
        #expect(nowhere.error == "hookline: no such organization: globex\n")
    }

    @Test func anAllowedNetworkIsThatOfTheWorker() throws {
        let arguments = ["--name", "Radar", "--webhook-url", "http://127.0.0.1:9000/hook"]

        let outcome = try runner.hookline(
            ["app", "create", "--organization", "acme"] + arguments,
            environment: ["HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8"])

        #expect(outcome.status == 0, "\(outcome.error)")
    }

    @Test func fieldsAndSettingsChangeTogetherAndHooksFollow() throws {
        try create("Radar", "--webhook-url", Self.url, "--event", "issue")
        try runner.hookline("installation", "create", "--app", "radar", "--organization", "acme")
        let url = "https://new.example.com/hook"
        let change = [
            "app", "set", "radar", "--name", "Radar 2", "--webhook-url", url, "--event", "error", "--policy",
            "standard", "--header", "X-Token: geheim", "--no-verify-install",
        ]

        let outcome = try runner.hookline(change)
        let again = try runner.hookline(change)

        #expect(
            outcome.output
                == "Changed radar: name, webhookUrl, verifyInstall, events, policy standard, header X-Token.\n",
            "\(outcome.error)")
        #expect(again.output == "radar has these settings already.\n", "\(again.error)")
        let app = try app("radar")
        #expect(app.name == "Radar 2" && app.webhookURL == url && app.events == ["error.created"])
        #expect(app.deliveryPolicy == .standard && app.customHeaders.map(\.exposedText) == ["X-Token: geheim"])
        let document = try runner.directory.document()
        #expect(document.serviceHooks.map(\.url) == [url])
        #expect(document.serviceHooks.map(\.events) == [["error.created"]])
        let entry = try lastAudit()
        #expect(entry.event == AuditEntry.appChanged && entry.actorLabel == OperatorName.current())
        #expect(entry.dataJSON.contains(#""header X-Token""#) && !entry.dataJSON.contains("geheim"))
    }

    @Test func anEmptyValueStandsForNone() throws {
        try create("Radar", "--webhook-url", Self.url, "--event", "issue", "--scope", "org:read", "--author", "Acme")

        let refused = try runner.hookline("app", "set", "radar", "--webhook-url", "")
        let outcome = try runner.hookline(
            "app", "set", "radar", "--webhook-url", "", "--event", "", "--scope", "", "--author", "")

        #expect(refused.status == 65)
        #expect(
            refused.error
                == "hookline: --webhook-url: is required for an app that has events or is alertable\n")
        #expect(outcome.status == 0, "\(outcome.error)")
        let app = try app("radar")
        #expect(app.webhookURL == nil && app.events.isEmpty && app.scopes.isEmpty && app.author == nil)
    }

    @Test func aRefusedSettingKeepsTheFieldsFromBeingChanged() throws {
        try create("Radar")
        let before = try runner.directory.document()

        let missing = try runner.hookline("app", "set", "radar", "--name", "Other", "--remove-header", "X-None")
        let unknown = try runner.hookline("app", "set", "rader", "--name", "Other")

        #expect(missing.status == 65)
        #expect(missing.error == "hookline: --remove-header: the app has no header \"X-None\"\n")
        #expect(unknown.error == "hookline: no such app: rader\n")
        #expect(try runner.directory.document() == before)
    }

    @Test func deletingSaysWhatItDeletesAndKeepsTheSlug() throws {
        try runner.hookline("organization", "create", "globex")
        try create("Radar", "--status", "published")
        for slug in ["acme", "globex"] {
            try runner.hookline("installation", "create", "--app", "radar", "--organization", slug)
        }
        try create("Empty")

        let outcome = try runner.hookline("app", "delete", "radar")
        let json = try runner.hookline("app", "delete", "empty", "--json")
        let again = try runner.hookline("app", "delete", "radar")
        let taken = try create("Radar")

        #expect(outcome.output == "Deleted radar and its 2 installations.\n", "\(outcome.error)")
        #expect(json.output == "{\"app\":\"empty\",\"installations\":0}\n")
        #expect(again.status == 65)
        #expect(again.error == "hookline: no such app: radar\n")
        #expect(taken.error == "hookline: --name: the slug \"radar\" is taken: give another name, or a slug\n")
        let document = try runner.directory.document()
        #expect(document.apps.count == 2 && document.apps.allSatisfy { $0.app.dateDeleted != nil })
        #expect(document.installations.count == 2)
        #expect(document.installations.allSatisfy { $0.installation.dateDeleted != nil })
        #expect(document.auditEntries.suffix(2).map(\.event) == [AuditEntry.appDeleted, AuditEntry.appDeleted])
    }
}
