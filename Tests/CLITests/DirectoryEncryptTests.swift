import Foundation
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI
@testable import Directory

/// `hookline directory encrypt` and `decrypt`.
@Suite(.eachStore) struct DirectoryEncryptTests {
    private let runner: CommandRunner
    private let environment: [String: String]
    private let keyFile: String

    init() throws {
        runner = try CommandRunner()
        keyFile = try runner.folder.write("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", to: "secret.key")
        environment = ["HOOKLINE_SECRET_KEY_FILE": keyFile]
        let outcome = try runner.importDocument(
            """
            {"organizations": [{"id": 1, "slug": "acme"}],
             "apps": [{"id": 1, "slug": "radar", "owner_id": 1, "client_secret": "first-secret"},
                      {"id": 2, "slug": "sonar", "owner_id": 1, "client_secret": "other-secret",
                       "webhook_headers": ["X-Tenant: acme"]}]}
            """)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    @Test func secretsAreEncryptedAndDecrypted() throws {
        let trial = try runner.hookline("directory", "encrypt", "--dry-run", environment: environment)
        #expect(trial.output == "Unencrypted: 3. Encrypted with the first key: 0. With another: 0.\n")

        let encrypted = try runner.hookline("directory", "encrypt", environment: environment)
        #expect(encrypted.status == 0 && encrypted.output == "Encrypted 3 secrets.\n", "\(encrypted.error)")

        let without = try runner.hookline("app", "show", "radar")
        #expect(without.status == 69 && without.error.contains("HOOKLINE_SECRET_KEY_FILE"), "\(without.error)")
        let shown = try runner.hookline("app", "show", "radar", environment: environment)
        #expect(shown.status == 0, "\(shown.error)")
        let exported = try runner.hookline("directory", "export", environment: environment)
        #expect(exported.output.contains("first-secret") && exported.output.contains("X-Tenant: acme"))
        let rotated = try runner.hookline("app", "rotate-secret", "radar", environment: environment)
        #expect(rotated.status == 0, "\(rotated.error)")
        let after = try runner.hookline("directory", "encrypt", "--dry-run", environment: environment)
        #expect(after.output == "Unencrypted: 0. Encrypted with the first key: 4. With another: 0.\n")

        let decrypted = try runner.hookline("directory", "decrypt", environment: environment)
        #expect(decrypted.output == "Decrypted 4 secrets.\n", "\(decrypted.error)")
        #expect(try runner.directory.app(slug: "radar")?.previousSecrets.map(\.secret) == [Secret("first-secret")])
    }

    @Test func withoutAKeyNothingIsChanged() throws {
        let none = try runner.hookline("directory", "encrypt")
        #expect(none.status == 78 && none.error.contains("names no file"), "\(none.error)")

        try Data("no key\n".utf8).write(to: URL(fileURLWithPath: keyFile))
        let invalid = try runner.hookline("directory", "encrypt", environment: environment)
        #expect(invalid.status == 78 && invalid.error.contains("line 1 of"), "\(invalid.error)")
        let change = try runner.hookline("app", "rotate-secret", "radar", environment: environment)
        #expect(change.status == 69 && change.error.contains("line 1 of"), "\(change.error)")
        #expect(try runner.directory.app(slug: "radar")?.clientSecret == Secret("first-secret"))
    }

    @Test func aLostKeyCostsTheSecretsAndNothingElse() throws {
        _ = try runner.hookline("directory", "encrypt", environment: environment)
        try Data("Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=\n".utf8).write(to: URL(fileURLWithPath: keyFile))
        let refused = try runner.hookline("directory", "encrypt", environment: environment)
        #expect(refused.status == 65 && refused.error.contains("which \(keyFile) does not have"), "\(refused.error)")

        let replaced = try runner.hookline(
            "directory", "encrypt", "--replace-unreadable", environment: environment)

        #expect(replaced.status == 0 && replaced.output == "Encrypted 3 secrets.\n", "\(replaced.error)")
        #expect(replaced.error.contains("radar has lost secrets") && replaced.error.contains("sonar has lost secrets"))
        let listed = try runner.hookline("app", "list", environment: environment)
        #expect(listed.status == 0 && listed.output.contains("sonar"), "\(listed.error)")
        let none = try runner.hookline("app", "set", "radar", "--header", "X-A: b")
        #expect(none.status == 69 && none.error.contains("HOOKLINE_SECRET_KEY_FILE"), "\(none.error)")
    }

    /// The audit log of the owning organization says what was lost, and without it.
    @Test func whatWasReplacedIsInTheAuditLog() throws {
        _ = try runner.hookline("directory", "encrypt", environment: environment)
        try Data("Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=\n".utf8).write(to: URL(fileURLWithPath: keyFile))

        let trial = try runner.hookline("directory", "encrypt", "--dry-run", environment: environment)
        #expect(trial.status == 65 && trial.output.hasSuffix(" Unreadable: 3.\n"), "\(trial.output)")
        _ = try runner.hookline("directory", "encrypt", "--replace-unreadable", environment: environment)

        let log = try runner.hookline("audit", "list", "--event", "lost-secrets-replaced", "--json")
        let lines = try log.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(lines.count == 2, "\(log.output) \(log.error)")
        #expect(lines.allSatisfy { $0["organization"] == .string("acme") }, "\(log.output)")
        #expect(log.output.contains("client secret, which could not be read") && log.output.contains("header, which"))
        #expect(!log.output.contains("first-secret") && !log.output.contains("secretbox"))
    }

    /// It says which, and everything else goes on.
    @Test func aDamagedSecretConcernsItsAppAlone() throws {
        _ = try runner.hookline("directory", "encrypt", environment: environment)
        try damageClientSecret()

        let listed = try runner.hookline("app", "list", environment: environment)
        #expect(listed.status == 0 && listed.output.contains("radar") && listed.output.contains("sonar"))
        #expect(
            listed.error.hasPrefix("hookline: warning: the app radar has secrets that are damaged"), "\(listed.error)")
        #expect(!listed.error.contains("sonar"))
        let shown = try runner.hookline("app", "show", "radar", environment: environment)
        #expect(shown.status == 0 && shown.output.contains("damaged secrets:"), "\(shown.error)")
        let json = try runner.hookline("app", "show", "radar", "--json", environment: environment)
        #expect(try JSONValue(parsing: json.output)["damaged_secrets"] == .array([.string("client secret")]))

        let exported = try runner.hookline("directory", "export", environment: environment)
        #expect(exported.status == 0 && exported.output.contains("other-secret"), "\(exported.error)")
        #expect(exported.error.contains("the app radar has secrets that are damaged"))
        let apps = try JSONValue(parsing: exported.output)["apps"]
        guard case .array(let rows)? = apps else { throw TestSupportError("no apps") }
        #expect(rows[0]["client_secret"] ?? .null == .null && rows[1]["client_secret"] == .string("other-secret"))

        let changed = try runner.hookline("app", "set", "radar", "--timeout-ms", "900", environment: environment)
        #expect(changed.status == 65 && changed.error.contains("--replace-unreadable"), "\(changed.error)")
        let other = try runner.hookline("app", "rotate-secret", "sonar", environment: environment)
        #expect(other.status == 0, "\(other.error)")
        let encrypted = try runner.hookline("directory", "encrypt", environment: environment)
        #expect(encrypted.status == 65 && encrypted.error.contains("of app 1: "), "\(encrypted.error)")
        #expect(encrypted.error.contains("--replace-unreadable"))
        let repaired = try runner.hookline("directory", "encrypt", "--replace-unreadable", environment: environment)
        #expect(repaired.error.contains("radar has lost secrets (client secret)"), "\(repaired.error)")
        #expect(try runner.hookline("app", "list", environment: environment).error == "")
    }

    /// What a row leaves open is kept, and this cannot be.
    @Test func anImportMustGiveWhatIsDamaged() throws {
        _ = try runner.hookline("directory", "encrypt", environment: environment)
        try damageClientSecret()
        func importApp(_ fields: String, _ mode: String...) throws -> CommandRunner.Outcome {
            try runner.hookline(
                ["directory", "import"] + mode + ["-"], input: #"{"apps": [{"id": 1, \#(fields)}]}"#,
                environment: environment)
        }

        for outcome in [
            try importApp(#""slug": "radar", "owner_id": 1"#), try importApp(#""name": "Radar""#, "--merge"),
        ] {
            #expect(outcome.status == 65, "\(outcome.error)")
            #expect(outcome.error.contains("apps[0].client_secret: is damaged in the directory"), "\(outcome.error)")
        }
        let other = try runner.hookline(
            "directory", "import", "--merge", "-", input: #"{"apps": [{"id": 2, "name": "Sonar"}]}"#,
            environment: environment)
        #expect(other.status == 0, "\(other.error)")
        let given = try importApp(#""client_secret": "a-new-secret""#, "--merge")
        #expect(given.status == 0, "\(given.error)")
        let exported = try runner.hookline("directory", "export", environment: environment)
        #expect(exported.output.contains("a-new-secret") && exported.error == "", "\(exported.error)")
    }

    /// What is encrypted may be unencrypted in former rows and pages.
    @Test func tracesOfUnencryptedSecretsAreWarnedOf() throws {
        var reader: SQLiteDatabase?
        if runner.postgreSQL == nil {
            let database = try SQLiteDatabase(path: runner.path, mode: .reading, busyTimeoutMilliseconds: 1000)
            try database.execute("BEGIN")
            _ = try database.integer("SELECT count(*) FROM apps")
            reader = database
        }

        let outcome = try runner.hookline("directory", "encrypt", environment: environment)
        try reader?.execute("COMMIT")
        let repeated = try runner.hookline("directory", "encrypt", environment: environment)

        #expect(outcome.status == 0 && outcome.output == "Encrypted 3 secrets.\n", "\(outcome.error)")
        let remedy = reader == nil ? "VACUUM FULL" : "other programs read it: run the command again"
        #expect(
            outcome.error.hasPrefix("hookline: warning: \(try runner.name) may still have unencrypted secrets")
                && outcome.error.contains(remedy), "\(outcome.error)")
        #expect(repeated.status == 0 && repeated.error == "", "\(repeated.error)")
    }

    private func damageClientSecret() throws {
        let value = "substr(client_secret, 1, 50) || '////' || substr(client_secret, 55)"
        if let database = runner.postgreSQL {
            try database.execute("UPDATE public.sentry_apiapplication SET client_secret = \(value) WHERE id = 1")
        } else {
            let database = try SQLiteDatabase(path: runner.path, mode: .updating, busyTimeoutMilliseconds: 1000)
            try database.execute("UPDATE apps SET client_secret = \(value) WHERE id = 1")
        }
    }

    /// Not even in an export, of which other rules accept what older versions have stored.
    @Test func aSecretThatLooksEncryptedIsNotImportedFromAnExport() throws {
        let app = #""id": 3, "slug": "x", "owner_id": 1"#
        for field in [
            #""client_secret": "secretbox:12345678:AAAA""#, #""webhook_headers": ["X-A: secretbox:1"]"#,
            #""previous_secrets": [{"secret": "secretbox:1", "valid_until": "2090-01-01T00:00:00Z"}]"#,
        ] {
            let outcome = try runner.importDocument(
                #"{"exported_at": "2026-01-01T00:00:00Z", "apps": [{\#(app), \#(field)}]}"#)
            #expect(outcome.status == 65 && outcome.error.contains("apps[0]."), "\(field) \(outcome.error)")
        }
    }

    @Test func aSecretThatLooksEncryptedIsNotImported() throws {
        let outcome = try runner.importDocument(
            #"{"apps": [{"id": 3, "slug": "x", "owner_id": 1, "client_secret": "secretbox:12345678:AAAA"}]}"#)

        #expect(outcome.status == 65 && outcome.error.contains("apps[0].client_secret"), "\(outcome.error)")
        #expect(!outcome.error.contains("12345678"))
    }
}
