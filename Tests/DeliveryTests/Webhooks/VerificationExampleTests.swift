import Delivery
import Foundation
import Model
import TestSupport
import Testing
import WebhookRules

/// The examples of docs/delivery.md, run against a webhook that the flow made.
/// The documented ways to check a signature.
@Suite
struct VerificationExampleTests {
    private static let secrets = ["secret-0123456789abcdef", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]

    private func example(_ language: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/delivery.md"), encoding: .utf8)
        let start = try #require(text.range(of: "```\(language)\n"))
        let end = try #require(text.range(of: "```\n", range: start.upperBound..<text.endIndex))
        return String(text[start.upperBound..<end.lowerBound])
    }

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
        let webhook = try webhook(secret: VerificationExampleTests.secrets[0])
        let directory = try TemporaryDirectory()
        let variables = try [
            "SECRET": VerificationExampleTests.secrets[0],
            "SENTRY_HOOK_SIGNATURE": #require(webhook.header("Sentry-Hook-Signature")),
            "WEBHOOK_ID": #require(webhook.header("webhook-id")),
            "WEBHOOK_TIMESTAMP": #require(webhook.header("webhook-timestamp")),
            "WEBHOOK_SIGNATURE": #require(webhook.header("webhook-signature")),
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        _ = try directory.write(webhook.text, to: "body")
        let script = try directory.write("cd \(directory.path)\n" + example("sh"), to: "check.sh")

        let fits = try ChildProcess.run(["sh", script], environment: variables)
        _ = try directory.write(webhook.text + " ", to: "body")
        let altered = try ChildProcess.run(["sh", script], environment: variables)

        #expect(fits.output == "Sentry-Hook-Signature matches\nwebhook-signature matches\n", "\(fits.error)")
        #expect(altered.output.isEmpty)
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
