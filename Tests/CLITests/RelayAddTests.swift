import Directory
import Foundation
import Management
import Model
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

/// `hookline relay add` for an integration of which Hookline has nothing.
@Suite(.eachStore) struct RelaySetupCommandTests {
    private let runner: CommandRunner
    private static let url = "https://ci.example/hook"
    private static let first = RelaySetup.firstID

    init() throws { runner = try CommandRunner() }

    @discardableResult
    private func add(_ arguments: String..., secret: String? = "shared-secret\n") throws -> CommandRunner.Outcome {
        try runner.hookline(
            ["relay", "add"] + arguments + (secret == nil ? [] : ["--secret-file", "-"]), input: secret)
    }

    @Test func anAppIsMadeOfAClientSecretAlone() throws {
        let outcome = try add("ci", "--target", Self.url)

        #expect(outcome.status == 0, "\(outcome.error)")
        let document = try runner.directory.document()
        #expect(document.organizations.map(\.slug) == ["relay"] && document.organizations.map(\.id) == [Self.first])
        #expect(document.users.isEmpty && document.installations.isEmpty)
        let app = try #require(try runner.directory.app(slug: "ci"))
        #expect(app.id == Self.first && app.ownerID == Self.first && app.status == .internal)
        #expect(app.clientSecret.exposed == "shared-secret" && app.webhookURL == Self.url && app.events.isEmpty)
        #expect(RelayTargets(of: app)?.list == [RelayTarget(name: "default", url: Self.url)])
        #expect(
            outcome.output.contains("Made the internal app ci with the id 1099511627776 in the organization relay.\n"))
        #expect(outcome.output.contains("webhook URL in Sentry:  /relay/ci/ on this site\n"))
        #expect(outcome.output.contains("A superuser can open the app's page."))
        #expect(!outcome.output.contains("shared-secret"))
        let audit = document.auditEntries
        #expect(audit.map(\.event) == [AuditEntry.organizationCreated, AuditEntry.appCreated])
        #expect(audit.allSatisfy { $0.organizationID == Self.first && $0.actorLabel == OperatorName.current() })
        #expect(audit.last?.dataJSON.contains(#""changes":["target default"]"#) == true)
    }

    @Test func everyReaderOfJSONKeepsTheIdsThatAreMade() throws {
        try add("one", "--target", Self.url)
        let second = try add("two", "--target", Self.url, "--json")
        let given = try add("three", "--target", Self.url, "--id", "47", "--json")

        #expect(try JSONValue(parsing: second.output)["app_id"]?.integer == Self.first + 1)
        #expect(try JSONValue(parsing: given.output)["app_id"]?.integer == 47)
        #expect(try runner.directory.document().organizations.count == 1)
        #expect(try runner.directory.app(slug: "three")?.id == 47)
        for (id, message) in [
            ("47", "--id: another app has the id 47, or had it"), ("0", "--id: must be between 1 and "),
            ("9007199254740992", "--id: must be between 1 and 9007199254740991"),
        ] {
            let refused = try add("four", "--target", Self.url, "--id", id)
            #expect(refused.status == 65 && refused.error.contains(message), "\(refused.error)")
        }
        try runner.hookline("app", "delete", "three")
        let reused = try add("four", "--target", Self.url, "--id", "47")
        let renamed = try add("three", "--target", Self.url)
        #expect(reused.error.contains("--id: another app has the id 47, or had it"), "\(reused.error)")
        #expect(renamed.error.contains("app: the slug \"three\" is that of a deleted app"), "\(renamed.error)")
    }

    @Test func owningUsersAreFoundOrMade() throws {
        try runner.hookline("organization", "create", "acme")
        try runner.hookline("user", "add", "alice", "--email", "alice@acme.example")

        let outcome = try add(
            "ci", "--target", Self.url, "--owner", "ALICE@acme.example", "--owner", "bob@acme.example")

        #expect(outcome.status == 0, "\(outcome.error)")
        let document = try runner.directory.document()
        #expect(document.users.map(\.username) == ["alice", "bob@acme.example"])
        #expect(document.memberships.map(\.organizationID) == [Self.first, Self.first])
        #expect(document.memberships.allSatisfy { $0.role == .owner })
        #expect(outcome.output.contains("So can alice, bob@acme.example."), "\(outcome.output)")
        #expect(document.auditEntries.filter { $0.event == AuditEntry.memberAdded }.count == 2)
        let again = try add("other", "--target", Self.url, "--owner", "alice@acme.example", "--json")
        #expect(try JSONValue(parsing: again.output)["owners"] == .array([.string("alice")]))
    }

    @Test(
        arguments: [
            (["ci", "--target", "ftp://ci.example/"], "s", "--target: "),
            (["ci", "--target", "http://10.1.2.3/"], "s", "HOOKLINE_ALLOWED_NETWORKS"),
            (["ci", "--target", url], "", "standard input: the secret must not be empty"),
            (["ci", "--target", url], "whsec_?", "standard input: the secret must be Base64 after whsec_"),
            (["ci", "--target", url], nil, "no such app: ci. To make it, give the integration's client secret"),
            (["42", "--target", url], "s", "app: must not consist of digits alone"),
            (["a b", "--target", url], "s", "app: \"a b\" must consist of letters"),
            (["ci", "--target", url, "--owner", "nobody"], "s", "--owner: \"nobody\": "),
            (["ci", "--target", url, "--name", "A"], "s", "--name: must have 1 to 64 lower-case letters"),
            (["ci", "--target", url, "--event", "Issue"], "s", "--event: \"Issue\" is neither an event"),
            (["ci", "--target", url, "--condition", "a"], "s", "--condition: \"a\" is not a path, = and a value"),
            (["ci", "--target", url, "--condition", "a..b=1"], "s", "--condition: a..b: must be names of members"),
            (
                ["ci", "--target", url, "--condition", "a=1", "--condition", "a=2"], "s",
                "--condition: a is named twice"
            ),
            (["ci", "--target", url, "--timeout-ms", "0"], "s", "--timeout-ms: must be between 1 and 600000"),
            (["ci", "--target", url, "--header", "Host: hush"], "s", "--header: Host is reserved"),
        ] as [([String], String?, String)])
    func whatIsWrongIsNamedAndNothingIsMade(arguments: [String], secret: String?, message: String) throws {
        try runner.hookline("organization", "create", "acme")
        let before = try runner.directory.document()

        let outcome = try runner.hookline(
            ["relay", "add"] + arguments + (secret == nil ? [] : ["--secret-file", "-"]), input: secret)

        #expect(outcome.status == 65 && outcome.error.contains(message), "\(outcome.error)")
        #expect(outcome.output.isEmpty && !outcome.error.contains("hush"))
        #expect(try runner.directory.document() == before)
    }

    @Test func ownersThatCannotBeToldApartOrAreDisabledAreRefused() throws {
        try runner.hookline("organization", "create", "acme")
        try runner.hookline("user", "add", "alice", "--email", "a@acme.example")
        try runner.hookline("user", "add", "bob", "--email", "a@acme.example")
        try runner.hookline("user", "add", "gone", "--email", "gone@acme.example")
        try runner.hookline("user", "disable", "gone")

        let ambiguous = try add("ci", "--target", Self.url, "--owner", "a@acme.example")
        let disabled = try add("ci", "--target", Self.url, "--owner", "gone@acme.example")

        #expect(ambiguous.error.hasPrefix("hookline: --owner: several users have the address a@acme.example"))
        #expect(disabled.error == "hookline: --owner: the user gone is disabled\n")
        #expect(try runner.directory.document().organizations.map(\.slug) == ["acme"])
    }

    @Test func theAddressOfTheSiteIsPartOfTheURLWhereASettingHasIt() throws {
        let outcome = try runner.hookline(
            ["relay", "add", "ci", "--target", Self.url, "--secret-file", "-"], input: "s",
            environment: [
                "HOOKLINE_PLATFORM_URL": "https://hooks.example/", "HOOKLINE_MAIL_LINKS": "dashboard",
            ])
        let unknown = try runner.hookline(
            ["relay", "add", "two", "--target", Self.url, "--secret-file", "-", "--json"], input: "s",
            environment: ["HOOKLINE_PLATFORM_URL": "https://sentry.example"])

        #expect(outcome.output.contains("webhook URL in Sentry:  https://hooks.example/relay/ci/\n"))
        let json = try JSONValue(parsing: unknown.output)
        #expect(json["webhook_url"] == .null && json["webhook_path"]?.string == "/relay/two/")
    }
}

/// A directory in a file that does not exist yet.
@Suite struct FirstRelayTests {
    @Test func theFirstRelayCreatesTheFileAndARefusedOneDoesNot() throws {
        let runner = try CommandRunner(store: .sqlite)

        let refused = try runner.hookline(
            ["relay", "add", "ci", "--target", "ftp://x/", "--secret-file", "-"], input: "s")
        let existed = FileManager.default.fileExists(atPath: runner.path)
        let outcome = try runner.hookline(
            ["relay", "add", "ci", "--target", "https://ci.example/", "--secret-file", "-"], input: "s")

        #expect(refused.status == 65 && !existed)
        #expect(outcome.status == 0)
        #expect(outcome.error == "Created the directory \(runner.path).\n")
    }
}

/// Beside an original.
@Suite struct OriginalRelayTests {
    @Test func anAppOfTheOriginalGetsTargetsAndNoneIsMade() throws {
        let database = try PostgreSQLDatabase(golden: "101", release: .release26)
        let runner = try CommandRunner(database: database, setting: database.roleURL)
        let count = try runner.directory.document().apps.count

        let added = try runner.hookline("relay", "add", "pub-app", "--target", "https://ci.example/")
        let made = try runner.hookline(
            ["relay", "add", "new", "--target", "https://ci.example/", "--secret-file", "-"], input: "fresh-secret")

        #expect(added.status == 0, "\(added.error)")
        let app = try #require(try runner.directory.app(slug: "pub-app"))
        #expect(RelayTargets(of: app)?.list.map(\.name) == ["default"])
        #expect(made.status == 65 && made.error.hasPrefix("hookline: This installation is managed by Sentry. "))
        #expect(made.error.hasSuffix("There is no app new: make the integration in Sentry first\n"), "\(made.error)")
        #expect(!made.error.contains("fresh-secret"))
        #expect(try runner.directory.document().apps.count == count)
        let removed = try runner.hookline("relay", "remove", "pub-app", "default")
        #expect(removed.status == 0, "\(removed.error)")
        #expect(try runner.directory.app(slug: "pub-app")?.relayTargets == nil)
    }
}
