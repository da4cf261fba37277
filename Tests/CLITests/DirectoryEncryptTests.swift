import Directory
import Foundation
import Model
import TestSupport
import Testing

@testable import CLI

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
