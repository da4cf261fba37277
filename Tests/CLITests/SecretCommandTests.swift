import Directory
import Foundation
import Management
import Model
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

/// `hookline app rotate-secret` and `hookline app previous-secret`.
@Suite(.eachStore) struct SecretCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        let outcome = try runner.importDocument(
            """
            {"organizations": [{"id": 1, "slug": "acme"}],
             "apps": [{"id": 1, "slug": "radar", "name": "Radar", "owner_id": 1, "client_secret": "first-secret"}]}
            """)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    private func app() throws -> SentryApp { try #require(try runner.directory.app(slug: "radar")) }

    private func secrets() throws -> [String] { try app().previousSecrets.map(\.secret.exposed) }

    private func events() throws -> [Int] { try runner.directory.document().auditEntries.map(\.event) }

    /// Seconds from now to the end of the newest previous secret.
    private func overlap() throws -> Int64 {
        let end = try #require(try app().previousSecrets.first).validUntil
        return end.seconds - Timestamp.now().seconds
    }

    @Test func aNewSecretIsPrintedOnceInBothFormsAndTheOldOneStaysValidForADay() throws {
        let outcome = try runner.hookline("app", "rotate-secret", "radar")

        #expect(outcome.status == 0, "\(outcome.error)")
        let words = outcome.output.split(whereSeparator: \.isWhitespace).map(String.init)
        let secret = try #require(words.first { $0.utf8.count == 64 })
        #expect(secret.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
        #expect(try app().clientSecret.exposed == secret)
        #expect(words.contains(SigningKey.standardForm(of: Secret(secret)).exposed))
        #expect(words.contains { $0.hasPrefix("whsec_") && $0.utf8.count == 6 + 88 })
        #expect(try secrets() == ["first-secret"])
        #expect(try (86_390...86_400).contains(overlap()))
        #expect(!outcome.error.contains(secret))
        #expect(try events() == [AuditEntry.clientSecretRotated])
        for command in [["app", "show", "radar"], ["app", "show", "radar", "--json"], ["app", "list", "--json"]] {
            let shown = try runner.hookline(command).output
            #expect(!shown.contains(secret) && !shown.contains("first-secret"))
        }
        #expect(try runner.hookline("app", "show", "radar").output.contains("previous secret until:  20"))
        let data = try #require(try runner.directory.document().auditEntries.first).dataJSON
        #expect(!data.contains(secret) && !data.contains("first-secret"))
        let export = try runner.export()
        #expect(export.contains(secret) && export.contains("first-secret"))
    }

    @Test func theOverlapIsAsLongAsItIsSaid() throws {
        for (text, seconds) in [("7d", 604_800), ("90m", 5400), ("1h", 3600)] as [(String, Int64)] {
            let outcome = try runner.hookline("app", "rotate-secret", "radar", "--overlap", text, "--json")
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(try (seconds - 10...seconds).contains(overlap()), "\(text)")
            let json = try JSONValue(parsing: outcome.output)
            #expect(try json["client_secret"]?.string == app().clientSecret.exposed)
            #expect(json["standard_webhooks_secret"]?.string?.hasPrefix("whsec_") == true)
        }
        let before = try secrets()

        let none = try runner.hookline("app", "rotate-secret", "radar", "--overlap", "0")
        let wrong = try runner.hookline("app", "rotate-secret", "radar", "--overlap", "soon")

        #expect(none.error.contains("The old one is not used any more."))
        #expect(try secrets() == before)
        #expect(wrong.status == 65)
        #expect(wrong.error.hasPrefix("hookline: --overlap: \"soon\" is neither a duration such as "))
    }

    @Test func finishEndsTheOverlapAndIsRefusedWithoutOne() throws {
        try runner.hookline("app", "rotate-secret", "radar")
        let secret = try app().clientSecret

        let outcome = try runner.hookline("app", "rotate-secret", "radar", "--finish")
        let again = try runner.hookline("app", "rotate-secret", "radar", "--finish")
        let both = try runner.hookline("app", "rotate-secret", "radar", "--finish", "--overlap", "1h")

        #expect(outcome.output == "No previous secret of radar is valid any more.\n", "\(outcome.error)")
        #expect(try app().clientSecret == secret)
        #expect(try secrets().isEmpty)
        #expect(try events() == [AuditEntry.clientSecretRotated, AuditEntry.previousSecretsChanged])
        #expect(again.status == 65)
        #expect(again.error == "hookline: radar has no previous secret that is valid\n")
        #expect(both.status == 64)
    }

    @Test func aGivenSecretIsNotPrintedAndMustFitTheRule() throws {
        let good = try runner.folder.write("given-secret\n", to: "good")
        let outcome = try runner.hookline("app", "rotate-secret", "radar", "--secret-file", good)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(!(outcome.output + outcome.error).contains("given-secret"))
        #expect(try app().clientSecret.exposed == "given-secret")

        for (text, part) in [
            ("", "must not be empty"), ("two\nlines", "no control characters"), ("whsec_=", "Base64"),
            ("given-secret", "the secret is that of radar already"),
        ] {
            let file = try runner.folder.write(text, to: "bad")
            let refused = try runner.hookline("app", "rotate-secret", "radar", "--secret-file", file)
            #expect(refused.status == 65)
            #expect(refused.error.contains(part), "\(refused.error)")
            #expect(!refused.error.contains("two") && !refused.error.contains("given-secret"))
        }
        #expect(try runner.hookline("app", "rotate-secret", "radar", "--secret-file", "/no/such").status == 66)
        #expect(try secrets() == ["first-secret"])
    }

    /// The private key that signs now is no former one.
    @Test func whatSignsNowIsNoPreviousSecret() throws {
        let key = try runner.folder.write(SigningKeyPair().privateKey.exposed, to: "key")
        try runner.hookline("app", "signing-key", "create", "radar", "--key-file", key)

        let outcome = try runner.hookline("app", "previous-secret", "add", "radar", "--secret-file", key)

        #expect(outcome.status == 65, "\(outcome.error)")
        #expect(try app().previousSecrets.isEmpty)
        var settings = AppSettings(clientSecret: Secret("a"), signingKey: Secret("whsk_b"))
        let rotation = SecretRotation(appSlug: "radar", now: .now())
        for secret in ["a", "whsk_b"] {
            #expect(throws: SettingsRefusal.self) {
                try rotation.add(Secret(secret), validUntil: .now().adding(seconds: 60), to: &settings)
            }
        }
    }

    @Test func anOverlapHasOneLimitInEveryForm() throws {
        for text in ["101d", "2401h", "144001m", "2099-01-01T00:00:00Z"] {
            let outcome = try runner.hookline("app", "rotate-secret", "radar", "--overlap", text)
            #expect(outcome.status == 65 && outcome.error.contains("is more than 100 days"), "\(outcome.error)")
        }
        for text in ["100d", "2400h", "144000m"] {
            let outcome = try runner.hookline("app", "rotate-secret", "radar", "--overlap", text)
            #expect(outcome.status == 0, "\(outcome.error)")
        }
    }

    @Test func previousSecretsAreAddedProlongedAndRemoved() throws {
        let old = try runner.folder.write("old-secret", to: "old")
        let current = try runner.folder.write("first-secret", to: "current")
        let command = ["app", "previous-secret"]

        let added = try runner.hookline(command + ["add", "radar", "--secret-file", old])
        try runner.hookline(command + ["add", "radar", "--secret-file", "-", "--overlap", "2h"], input: "older\n")
        let prolonged = try runner.hookline(command + ["add", "radar", "--secret-file", old, "--overlap", "7d"])
        let newest = try #require(try app().previousSecrets.last)
        let refused = try runner.hookline(command + ["add", "radar", "--secret-file", current])
        let ended = try runner.hookline(command + ["add", "radar", "--secret-file", old, "--overlap", "0"])
        let removed = try runner.hookline(command + ["remove", "radar", "--secret-file", old])
        let unknown = try runner.hookline(command + ["remove", "radar", "--secret-file", old])
        let neither = try runner.hookline(command + ["remove", "radar"])

        #expect(
            added.output.hasPrefix("Webhooks of radar are signed with this secret, too, until 20"), "\(added.error)")
        #expect(prolonged.status == 0, "\(prolonged.error)")
        #expect(newest.secret.exposed == "old-secret")
        #expect(newest.validUntil.seconds - Timestamp.now().seconds > 600_000)
        #expect(refused.status == 65 && refused.error == "hookline: the secret is the current one of radar\n")
        #expect(ended.status == 65 && ended.error == "hookline: --overlap: must end in the future\n")
        #expect(removed.status == 0, "\(removed.error)")
        #expect(unknown.status == 65)
        #expect(neither.status == 64)
        #expect(try secrets() == ["older"])
        #expect(try runner.hookline(command + ["remove", "radar", "--all"]).status == 0)
        #expect(try secrets().isEmpty)
        #expect(try Set(events()) == [AuditEntry.previousSecretsChanged])
    }

    @Test func noMorePreviousSecretsThanAnAppMayHave() throws {
        for number in 1...4 {
            let input = "old-\(number)"
            let outcome = try runner.hookline(
                ["app", "previous-secret", "add", "radar", "--secret-file", "-"], input: input)
            #expect(outcome.status == 0, "\(outcome.error)")
        }

        let outcome = try runner.hookline("app", "rotate-secret", "radar")

        #expect(outcome.status == 65)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.hasPrefix("hookline: radar has 4 previous secrets and key pairs, the maximum: "))
        #expect(try app().clientSecret.exposed == "first-secret")
    }

    /// A document that is imported regularly may be older than a rotation.
    @Test(arguments: [[], ["--merge"]])
    func aDocumentWithAFormerSecretDoesNotUndoARotation(mode: [String]) throws {
        try runner.hookline("app", "rotate-secret", "radar")
        let current = try app().clientSecret
        let file = try runner.folder.write(
            #"{"apps": [{"id": 1, "slug": "radar", "owner_id": 1, "client_secret": "first-secret"}]}"#, to: "old.json")

        let outcome = try runner.hookline(["directory", "import"] + mode + [file])

        #expect(outcome.status == 65)
        #expect(
            outcome.error.contains(
                "apps[0].client_secret: is one of the app's previous secrets, too: leave out client_secret"))
        #expect(!outcome.error.contains("first-secret"))
        #expect(try app().clientSecret == current)
        #expect(try secrets() == ["first-secret"])
    }

    @Test func anOverlapThatHasEndedIsRefused() throws {
        let outcome = try runner.hookline("app", "rotate-secret", "radar", "--overlap", "2020-01-01T00:00:00Z")

        #expect(outcome.status == 65)
        #expect(outcome.error == "hookline: --overlap: \"2020-01-01T00:00:00Z\" is in the past; 0 is no overlap\n")
        #expect(try app().clientSecret.exposed == "first-secret")
    }

    @Test func theMarkOfAFileIsNoPartOfItsSecret() throws {
        let file = try runner.folder.write("\u{FEFF}second-secret\r\n", to: "secret")

        #expect(try runner.hookline("app", "rotate-secret", "radar", "--secret-file", file).status == 0)

        #expect(try app().clientSecret.exposed == "second-secret")
    }

    @Test func anImportThatDoesNotGiveThemKeepsPreviousSecretsAndOneThatDoesReplacesThem() throws {
        try runner.hookline("app", "rotate-secret", "radar")
        let row = { (more: String) in #"{"apps": [{"id": 1, "slug": "radar", "owner_id": 1\#(more)}]}"# }
        let end = #""valid_until": "2090-01-01T00:00:00Z""#

        try runner.importDocument(row(""))
        let kept = try secrets()
        try runner.importDocument(row(#", "previous_secrets": [{"secret": "other", \#(end)}]"#))
        let replaced = try secrets()
        let wrong = try runner.importDocument(
            row(
                #", "previous_secrets": [{"secret": "whsec_", \#(end)}, {"secret": "a", \#(end)}, {"secret": "a", \#(end)}]"#
            ))

        #expect(kept == ["first-secret"])
        #expect(replaced == ["other"])
        #expect(wrong.status == 65)
        #expect(wrong.error.contains("apps[0].previous_secrets[0].secret: must be Base64 after whsec_"))
        #expect(
            wrong.error.contains("apps[0].previous_secrets[2].secret: is another previous secret of the app, too\n"))
    }
}
