import Directory
import Model
import TestSupport
import Testing

@testable import CLI

/// Commands on the tables of an original: what changes them is refused, what Hookline keeps beside them is not.
@Suite struct OriginalCommandTests {
    private static let slug = "pub-app"

    private static func runner() throws -> CommandRunner {
        let database = try PostgreSQLDatabase(golden: "101", release: .release23)
        return try CommandRunner(database: database, setting: database.roleURL)
    }

    @Test func everyChangeOfTheOriginalsTablesIsRefusedWithStatus65AndChangesNothing() throws {
        let runner = try Self.runner()
        let before = try runner.directory.document()
        let file = try runner.folder.write("fresh-secret", to: "secret")
        let user = try #require(before.users.first).username
        let organization = try #require(before.organizations.first).slug
        let installation = try #require(before.installations.first).installation.uuid
        let commands: [([String], String?)] = [
            (["directory", "import", "-"], smallDocument),
            (["directory", "import", "--replace", "--yes", "-"], smallDocument),
            (["token", "create", "--user", user], nil), (["token", "revoke", "1"], nil),
            (["app", "rotate-secret", Self.slug], nil),
            (["app", "rotate-secret", Self.slug, "--secret-file", file], nil),
            (["app", "create", "--organization", organization, "--name", "New"], nil),
            (["app", "create", "--organization", "no-such", "--name", "New"], nil),
            (["app", "set", Self.slug, "--event", "issue"], nil),
            (["app", "set", Self.slug, "--name", "New", "--policy", "standard"], nil),
            (["app", "set", "no-such", "--name", "New"], nil), (["app", "delete", Self.slug], nil),
            (["installation", "create", "--app", Self.slug, "--organization", organization], nil),
            (["installation", "delete", installation], nil), (["organization", "create", "new"], nil),
            (["organization", "create", "4711"], nil), (["user", "add", "new", "--email", "new@acme.example"], nil),
            (["user", "disable", user], nil), (["user", "enable", user], nil),
            (["member", "add", user, "--organization", organization, "--role", "owner"], nil),
            (["member", "remove", user, "--organization", organization, "--force"], nil),
        ]

        for (command, input) in commands {
            let outcome = try runner.hookline(command, input: input)

            #expect(outcome.status == 65, "\(command) \(outcome.error)")
            #expect(outcome.output.isEmpty)
            #expect(
                outcome.error.hasPrefix("hookline: This installation is managed by Sentry. The directory database "),
                "\(command) \(outcome.error)")
            #expect(outcome.error.contains(" cannot be changed: "), "\(command) \(outcome.error)")
            #expect(outcome.error.contains("only Sentry changes "), "\(command) \(outcome.error)")
            #expect(!outcome.error.contains("fresh-secret"))
        }
        #expect(try runner.directory.document() == before)
    }

    @Test func whatTheOriginalManagesCanBeListed() throws {
        let runner = try Self.runner()
        let document = try runner.directory.document()
        let membership = try #require(document.memberships.first)
        let organization = try #require(document.organizations.first { $0.id == membership.organizationID })
        func lines(_ arguments: String...) throws -> Int {
            let outcome = try runner.hookline(arguments + ["--json"])
            #expect(outcome.status == 0, "\(outcome.error)")
            return outcome.output.split(separator: "\n").count
        }

        #expect(try lines("organization", "list") == document.organizations.count)
        #expect(try lines("user", "list") == document.users.count)
        #expect(
            try lines("member", "list", "--organization", organization.slug)
                == document.memberships.count { $0.organizationID == organization.id })
        let present = Set(document.apps.filter { $0.app.dateDeleted == nil }.map(\.app.id))
        #expect(
            try lines("installation", "list")
                == document.installations.map(\.installation).count {
                    $0.dateDeleted == nil && present.contains($0.appID)
                })
    }

    @Test func whatHooklineKeepsOfAnAppCanBeChanged() throws {
        let runner = try Self.runner()
        let current = try #require(try runner.directory.app(slug: Self.slug)).clientSecret

        let changed = try runner.hookline(
            "app", "set", Self.slug, "--policy", "standard", "--timeout-ms", "750", "--header", "X-Own: geheim")
        let added = try runner.hookline(
            ["app", "previous-secret", "add", Self.slug, "--secret-file", "-"], input: "old-secret")
        let paired = try runner.hookline("app", "signing-key", "create", Self.slug)
        #expect(paired.status == 0 && paired.output.hasPrefix("whpk_"), "\(paired.error)")
        let app = try #require(try runner.directory.app(slug: Self.slug))
        #expect(app.signingKey != nil)
        let shown = try runner.hookline("app", "show", Self.slug).output
        let finished = try runner.hookline("app", "rotate-secret", Self.slug, "--finish")
        let disabled = try runner.hookline("app", "disable", Self.slug, "--reason", "floods")

        #expect(changed.status == 0, "\(changed.error)")
        #expect(added.status == 0, "\(added.error)")
        #expect(app.deliveryPolicy == .standard && app.webhookTimeoutMilliseconds == 750)
        #expect(app.customHeaders.map(\.name) == ["X-Own"])
        #expect(app.signingSecrets(at: .now()) == [current, Secret("old-secret")])
        #expect(shown.contains("standard (the app's own)") && shown.contains("previous secret until:"))
        #expect(!shown.contains("old-secret") && !shown.contains("geheim"))
        #expect(finished.status == 0, "\(finished.error)")
        #expect(try runner.directory.app(slug: Self.slug)?.previousSecrets.isEmpty == true)
        #expect(disabled.status == 0, "\(disabled.error)")
        #expect(
            try runner.directory.document().auditEntries.map(\.event) == [
                AuditEntry.appSettingsChanged, AuditEntry.previousSecretsChanged, AuditEntry.signingKeyChanged,
                AuditEntry.previousSecretsChanged,
            ])
    }

    @Test func aHeaderOfTheOriginalIsReplacedAndNotRemoved() throws {
        let database = try PostgreSQLDatabase(golden: "101", release: .release26)
        let runner = try CommandRunner(database: database, setting: database.roleURL)
        try database.execute(
            "UPDATE sentry_sentryapp SET webhook_headers = ARRAY['X-Theirs: a'] WHERE slug = 'pub-app'")

        let removed = try runner.hookline("app", "set", Self.slug, "--remove-header", "x-theirs")
        let replaced = try runner.hookline("app", "set", Self.slug, "--header", "X-Theirs: b")

        #expect(removed.status == 65)
        #expect(
            removed.error
                == "hookline: --remove-header: the header x-theirs is Sentry's, and only Sentry removes it\n")
        #expect(replaced.status == 0, "\(replaced.error)")
        #expect(try runner.directory.app(slug: Self.slug)?.customHeaders.map(\.exposedText) == ["X-Theirs: b"])
    }

    @Test func aDatabaseOfAnotherEncodingIsRefusedForAStandaloneDirectory() throws {
        let server = try PostgreSQLServer.shared()
        try server.connection().execute(
            "CREATE DATABASE latin_command ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        defer { try? server.connection().execute("DROP DATABASE latin_command WITH (FORCE)") }
        let runner = try CommandRunner(store: .sqlite)

        let outcome = try runner.hookline(
            "directory", "migrate", "--standalone",
            environment: ["HOOKLINE_DIRECTORY": server.url(database: "latin_command")])

        #expect(outcome.status == 65)
        #expect(outcome.error.contains("the database's encoding is LATIN1"))
    }
}
