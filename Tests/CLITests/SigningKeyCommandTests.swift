import Directory
import Model
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

/// `hookline app signing-key`, and `signing_key` in documents.
@Suite(.eachStore) struct SigningKeyCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        let outcome = try runner.importDocument(
            #"{"organizations": [{"id": 1, "slug": "acme"}], "apps": [{"id": 1, "slug": "radar", "owner_id": 1}]}"#)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    private func app() throws -> SentryApp { try #require(try runner.directory.app(slug: "radar")) }

    @Test func aPairIsMadeReplacedAndRemoved() throws {
        let first = try runner.hookline("app", "signing-key", "create", "radar")
        #expect(first.status == 0 && first.output.hasPrefix("whpk_"), "\(first.error)")
        let firstKey = try #require(try app().signingKey)
        let second = try runner.hookline("app", "signing-key", "create", "radar", "--json")
        let shown = try runner.hookline("app", "signing-key", "show", "radar")
        let keys = shown.output.split(separator: "\n").map(String.init)
        #expect(keys.count == 2 && keys[1] + "\n" == first.output)
        #expect(second.output.contains(#""public_key":"\#(keys[0])""#), "\(second.output)")
        #expect(try app().previousSecrets.map(\.secret) == [firstKey])
        let report = try runner.hookline("app", "show", "radar").output
        #expect(report.contains("public key:") && report.contains("previous key until:"))

        let removed = try runner.hookline("app", "signing-key", "remove", "radar")
        #expect(removed.status == 0, "\(removed.error)")
        #expect(try app().signingKey == nil)
        #expect(try app().signingKeys(at: .now()) == [firstKey])
        #expect(removed.output.contains("A former one signs until 20"), "\(removed.output)")
        let secrets = try runner.hookline("app", "rotate-secret", "radar", "--finish")
        #expect(secrets.status == 65 && secrets.error.contains("no previous secret"), "\(secrets.error)")
        let finished = try runner.hookline("app", "signing-key", "finish", "radar")
        #expect(finished.status == 0, "\(finished.error)")
        let finishedAgain = try runner.hookline("app", "signing-key", "finish", "radar")
        #expect(finishedAgain.status == 65 && finishedAgain.error.contains("no former key pair"))
        let none = try runner.hookline("app", "signing-key", "show", "radar")
        #expect(none.status == 65 && none.error == "hookline: radar has no key pair\n")

        let again = try runner.hookline("app", "signing-key", "remove", "radar")
        #expect(again.status == 65 && again.error == "hookline: radar has no key pair\n")
        let entries = try runner.directory.document().auditEntries
        #expect(entries.map(\.event) == [10_150, 10_150, 10_150, 10_150])
        let texts = [first, second, shown, removed, finished].map { $0.output + $0.error } + entries.map(\.dataJSON)
        #expect(texts.allSatisfy { !$0.contains("whsk_") })
    }

    @Test func aGivenKeyIsChecked() throws {
        let pair = SigningKeyPair()
        let file = try runner.folder.write(pair.privateKey.exposed + "\n", to: "key")
        let wrong = try runner.folder.write("whsk_hush", to: "wrong")

        let given = try runner.hookline("app", "signing-key", "create", "radar", "--key-file", file)
        let refused = try runner.hookline("app", "signing-key", "create", "radar", "--key-file", wrong)
        let same = try runner.hookline("app", "signing-key", "create", "radar", "--key-file", file)

        #expect(given.output == pair.publicKey + "\n", "\(given.error)")
        #expect(refused.status == 65 && refused.error.contains("must be whsk_"), "\(refused.error)")
        #expect(!refused.error.contains("hush"))
        #expect(same.status == 65 && same.error.contains("this key pair already"), "\(same.error)")
        #expect(try app().signingKey == pair.privateKey)
    }

    @Test func aDocumentDoesNotUndoARotation() throws {
        let pair = SigningKeyPair()
        let document =
            #"{"apps": [{"id": 1, "slug": "radar", "owner_id": 1, "signing_key": "\#(pair.privateKey.exposed)"}]}"#
        _ = try runner.importDocument(document)
        let made = try runner.hookline("app", "signing-key", "create", "radar")

        let refused = try runner.importDocument(document)

        #expect(refused.status == 65 && refused.error.contains("apps[0].signing_key: is a former key of the app"))
        let shown = try runner.hookline("app", "signing-key", "show", "radar").output
        #expect(shown == made.output + pair.publicKey + "\n")
        let file = try runner.folder.write(pair.privateKey.exposed, to: "former.key")
        let removed = try runner.hookline("app", "previous-secret", "remove", "radar", "--secret-file", file)
        #expect(removed.status == 0, "\(removed.error)")
        #expect(try runner.hookline("app", "signing-key", "show", "radar").output == made.output)
    }

    @Test func documentsHaveTheKey() throws {
        let pair = SigningKeyPair()
        func document(_ more: String) -> String { #"{"apps": [{"id": 1, "slug": "radar", "owner_id": 1\#(more)}]}"# }
        let key = #", "signing_key": "\#(pair.privateKey.exposed)""#

        let given = try runner.importDocument(document(key))
        #expect(given.status == 0, "\(given.error)")
        let export = try runner.export()
        #expect(export.contains(#""signing_key": "\#(pair.privateKey.exposed)""#))
        let kept = try runner.importDocument(document(#", "name": "Radar""#))
        #expect(kept.status == 0, "\(kept.error)")
        #expect(try app().name == "Radar" && app().signingKey == pair.privateKey)
        let refused = try runner.importDocument(document(#", "signing_key": "whsk_hush""#))
        #expect(refused.status == 65 && refused.error.contains("apps[0].signing_key: must be whsk_"))
        #expect(!refused.error.contains("hush"))
        let secret = try runner.importDocument(document(#", "client_secret": "\#(pair.privateKey.exposed)""#))
        #expect(secret.status == 65 && secret.error.contains("that is a private key, signing_key"), "\(secret.error)")
        _ = try runner.importDocument(document(#", "signing_key": null"#))
        #expect(try app().signingKey == pair.privateKey)
        _ = try runner.importDocument(document(#", "signing_key": """#))
        #expect(try app().signingKey == nil)
        let restored = try runner.importDocument(export, replacing: true)
        #expect(restored.status == 0, "\(restored.error)")
        #expect(try app().signingKey == pair.privateKey)
    }
}
