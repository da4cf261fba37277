import Delivery
import Foundation
import Model
import TestSupport
import Testing
import WebhookRules

/// The documented ways to check a signature.
@Suite
struct VerificationExampleTests {
    private static let secrets = ["secret-0123456789abcdef", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]

    /// The blocks of the page in a language, in its order.
    private func examples(_ language: String) throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/delivery.md"), encoding: .utf8)
        return try text.components(separatedBy: "```\(language)\n").dropFirst().map {
            try #require($0.components(separatedBy: "```\n").first)
        }
    }

    /// The one that uses the client secret. The last one uses the public key.
    private func example(_ language: String) throws -> String { try #require(examples(language).first) }

    private func webhook(secret: String) throws -> PlannedWebhook {
        var fixture = WebhookFixture()
        fixture.app.clientSecret = Secret(secret)
        return try fixture.webhook(fixture.event(data: #"{"text": "café 😀 'quoted' \\ \n"}"#))
    }

    @Test(arguments: secrets)
    func thePythonFunctionsAcceptWhatIsSentAndNothingElse(secret: String) throws {
        let webhook = try webhook(secret: secret)
        let directory = try TemporaryDirectory()
        let headers = webhook.headers.map { "\"\($0.name.lowercased())\": \"\($0.value)\"" }.joined(separator: ", ")
        let body = try directory.write(webhook.text, to: "body")
        let script = try directory.write(
            try example("python") + """

                headers, secret = {\(headers)}, "\(secret)"
                body = open("\(body)", "rb").read()
                now = \(WebhookFixture.now.seconds)
                print(is_authentic(headers, body, secret, now), is_authentic_for_sentry(headers, body, secret))
                print(is_authentic(headers, body + b" ", secret, now),
                    is_authentic_for_sentry(headers, body + b" ", secret))
                print(is_authentic(headers, body, secret[:-1] + "x", now),
                    is_authentic_for_sentry(headers, body, secret[:-1] + "x"))
                print(is_authentic(headers, body, secret, now + 301), is_authentic(headers, body, secret))

                """, to: "check.py")

        let outcome = try ChildProcess.run(["python3", script])

        #expect(outcome.status == .exited(0), "\(outcome.error)")
        #expect(outcome.output == "True True\nFalse False\nFalse False\nFalse False\n")
    }

    /// During an overlap: a receiver with either secret accepts the standard signature, one with the old secret the
    /// original's.
    @Test func thePythonFunctionsAcceptEachSecretOfAnOverlap() throws {
        var fixture = WebhookFixture()
        fixture.app.clientSecret = Secret(Self.secrets[0])
        fixture.app.previousSecrets = [
            .init(secret: Secret(Self.secrets[1]), validUntil: WebhookFixture.now.adding(seconds: 60))
        ]
        let webhook = try fixture.webhook()
        let directory = try TemporaryDirectory()
        let headers = webhook.headers.map { "\"\($0.name.lowercased())\": \"\($0.value)\"" }.joined(separator: ", ")
        let body = try directory.write(webhook.text, to: "body")
        let script = try directory.write(
            try example("python") + """

                headers = {\(headers)}
                body = open("\(body)", "rb").read()
                for secret in ["\(Self.secrets[0])", "\(Self.secrets[1])"]:
                    print(is_authentic(headers, body, secret, \(WebhookFixture.now.seconds)),
                        is_authentic_for_sentry(headers, body, secret))

                """, to: "check.py")

        let outcome = try ChildProcess.run(["python3", script])

        #expect(outcome.output == "True False\nTrue True\n", "\(outcome.error)")
    }

    @Test func theShellCommandsAcceptWhatIsSentAndNothingElse() throws {
        let secret = Self.secrets[0]
        let webhook = try webhook(secret: secret)

        let fits = try shellOutput(of: webhook, ["SECRET": secret], example("sh"))
        let altered = try shellOutput(of: webhook, bodyEnd: " ", ["SECRET": secret], example("sh"))

        #expect(fits == "Sentry-Hook-Signature matches\nwebhook-signature matches\n")
        #expect(altered.isEmpty)
    }

    /// One match is enough: the header has signatures of two secrets and of a key pair.
    @Test func theShellCommandsAcceptEachSecretOfAnOverlap() throws {
        var fixture = WebhookFixture()
        fixture.app.clientSecret = Secret("current-secret")
        fixture.app.signingKey = SigningKeyPair().privateKey
        fixture.app.previousSecrets = [
            .init(secret: Secret("former-secret"), validUntil: WebhookFixture.now.adding(seconds: 60))
        ]
        let webhook = try fixture.webhook()
        let example = try example("sh")

        let current = try shellOutput(of: webhook, ["SECRET": "current-secret"], example)
        let former = try shellOutput(of: webhook, ["SECRET": "former-secret"], example)
        let other = try shellOutput(of: webhook, ["SECRET": "another-secret"], example)

        #expect(current == "webhook-signature matches\n")
        #expect(former == "Sentry-Hook-Signature matches\nwebhook-signature matches\n")
        #expect(other.isEmpty)
    }

    @Test func theShellCommandsAcceptEachKeyPairAndNothingElse() throws {
        let (current, former) = (SigningKeyPair(), SigningKeyPair())
        let webhook = try webhook(signedWith: current, and: former)
        let example = try #require(examples("sh").last)

        for pair in [current, former] {
            let output = try shellOutput(of: webhook, ["PUBLIC_KEY": pair.publicKey], example)
            #expect(output == "webhook-signature matches the key\n")
        }
        let other = try shellOutput(of: webhook, ["PUBLIC_KEY": SigningKeyPair().publicKey], example)
        let altered = try shellOutput(of: webhook, bodyEnd: " ", ["PUBLIC_KEY": current.publicKey], example)

        #expect(other.isEmpty && altered.isEmpty)
    }

    /// What is no Base64 is no signature, and the others count.
    @Test func thePythonFunctionsAcceptEachKeyPairAndNothingElse() throws {
        let (current, former) = (SigningKeyPair(), SigningKeyPair())
        let webhook = try webhook(signedWith: current, and: former)
        let directory = try TemporaryDirectory()
        let headers = webhook.headers.map { "\"\($0.name.lowercased())\": \"\($0.value)\"" }.joined(separator: ", ")
        let body = try directory.write(webhook.text, to: "body")
        let keys = [current, former, SigningKeyPair()].map { "\"\($0.publicKey)\"" }.joined(separator: ", ")
        let script = try directory.write(
            try examples("python").joined() + """

                headers, now = {\(headers)}, \(WebhookFixture.now.seconds)
                body = open("\(body)", "rb").read()
                for key in [\(keys)]:
                    print(is_authentic_by_key(headers, body, key, now),
                        is_authentic_by_key(headers, body + b" ", key, now),
                        is_authentic_by_key(headers, body, key, now + 301), is_authentic_by_key(headers, body, key))
                headers["webhook-signature"] = "v1a,A v1a,AAAA " + headers["webhook-signature"]
                print(*(is_authentic_by_key(headers, body, key, now) for key in [\(keys)]))

                """, to: "check.py")

        let outcome = try ChildProcess.run(["python3", script])

        #expect(
            outcome.output
                == "True False False False\nTrue False False False\nFalse False False False\nTrue True False\n",
            "\(outcome.error)")
    }

    private func webhook(signedWith current: SigningKeyPair, and former: SigningKeyPair) throws -> PlannedWebhook {
        var fixture = WebhookFixture()
        fixture.app.signingKey = current.privateKey
        fixture.app.previousSecrets = [
            .init(secret: former.privateKey, validUntil: WebhookFixture.now.adding(seconds: 60))
        ]
        return try fixture.webhook(fixture.event(data: #"{"text": "café"}"#))
    }

    /// What an example prints for a webhook.
    ///
    /// - Parameters:
    ///   - bodyEnd: what is appended to the webhook's body.
    ///   - variables: those that the example needs besides the headers.
    private func shellOutput(
        of webhook: PlannedWebhook, bodyEnd: String = "", _ variables: [String: String], _ example: String
    ) throws -> String {
        let directory = try TemporaryDirectory()
        _ = try directory.write(webhook.text + bodyEnd, to: "body")
        let script = try directory.write("cd \(directory.path)\n" + example, to: "check.sh")
        let headers = try [
            "SENTRY_HOOK_SIGNATURE": #require(webhook.header("Sentry-Hook-Signature")),
            "WEBHOOK_ID": #require(webhook.header("webhook-id")),
            "WEBHOOK_TIMESTAMP": #require(webhook.header("webhook-timestamp")),
            "WEBHOOK_SIGNATURE": #require(webhook.header("webhook-signature")),
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        let outcome = try ChildProcess.run(["sh", script], environment: headers.merging(variables) { $1 })
        #expect(outcome.error.isEmpty, "\(outcome.error)")
        return outcome.output
    }

    @Test func everyReasonOfALogRowAndEveryStepAndDropOfTheFlowIsDocumented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/delivery.md"), encoding: .utf8)

        let names =
            SendFailure.allCases.map(\.rawValue) + DropReason.allCases.map(\.rawValue)
            + RuleStep.Name.allCases.dropLast().map(\.rawValue)

        for name in names { #expect(text.contains("`\(name)`"), "\(name)") }
    }
}
