import Buffer
import Directory
import Foundation
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

@Suite struct WhyTests {
    private static let loopback = ["HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8"]

    /// The result of `hookline why radar issue.created …`.
    private struct Diagnosis {
        let status: Int32
        let json: JSONValue

        /// The steps of one result: step and text.
        func steps(_ result: String) -> [(step: String, text: String)] {
            guard case .array(let steps)? = json["steps"] else { return [] }
            return steps.filter { $0["result"]?.string == result }.map { step in
                (step["step"]?.string ?? "", step["text"]?.string ?? "")
            }
        }

        var problems: [(step: String, text: String)] { steps("problem") }
        func text(_ step: String) -> String {
            (steps("ok") + steps("problem") + steps("warning") + steps("note")).first { $0.step == step }?.text ?? ""
        }
    }

    private func why(
        _ fixture: CommandFixture, _ arguments: [String] = [], event: String = "issue.created",
        environment: [String: String] = loopback, through server: DNSServer? = nil
    ) throws -> Diagnosis {
        let command = [try BuiltProducts.path("hookline"), "why", "radar", event, "--json"] + arguments
        let variables = [
            "HOOKLINE_DIRECTORY": fixture.runner.setting, "HOOKLINE_REDIS": fixture.redis.url,
            "PATH": "/usr/bin:/bin",
        ].merging(environment) { $1 }
        let (status, output, error) = try ChildProcess.run(
            server?.resolverCommand(command) ?? command, environment: variables)
        guard case .exited(let code) = status, code < 2 else { throw TestSupportError("why: \(status) \(error)") }
        return Diagnosis(status: code, json: try JSONValue(parsing: output))
    }

    @Test func eachStepOfADeliverableEventIsReportedAndTheReceiverGetsNoRequest() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/hook"))

        try fixture.report(workers: "hall-1")

        let diagnosis = try why(fixture)
        let text = try fixture.runner.hookline("why", "radar", "issue.created", environment: Self.loopback)

        #expect(diagnosis.status == 0, "\(diagnosis.problems)")
        #expect(diagnosis.json["would_be_delivered"] == .bool(true))
        #expect(
            diagnosis.steps("ok").map(\.step) == [
                "event", "installation", "app", "enabled", "service hook", "app's events", "hook's events", "projects",
                "webhook URL", "client secret", "request", "DNS", "addresses", "connection", "redis", "workers",
                "queue", "dead letters",
            ])
        #expect(text.status == 0)
        #expect(text.output.hasPrefix("ok    event          issue.created is enabled in this deployment\n"))
        #expect(
            text.output.hasSuffix(
                "\nYes: radar would get issue.created from \(CommandFixture.installation).\n"))
        try waitUntil("both connections are accepted") { receiver.acceptedConnections == 2 }
        #expect(receiver.received.isEmpty)
    }

    @Test func aRedisThatRefusesWritesIsAProblem() throws {
        let fixture = try CommandFixture(url: nil)
        try RefusingRedis.prepare(fixture.redis, "READONLY")

        let diagnosis = try why(fixture)

        #expect(diagnosis.status == 1)
        #expect(diagnosis.problems.contains { $0.step == "redis" && $0.text.contains("READONLY") })
    }

    @Test func aMissingClientSecretIsAProblemAndOneThatCannotBeUsedAsWrittenIsNamed() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/hook"))
        try fixture.store { $0.clientSecret = Secret("") }
        let missing = try why(fixture)
        try fixture.store { $0.clientSecret = Secret("whsec_QR==") }

        let unusable = try why(fixture)

        #expect(missing.status == 1)
        #expect(missing.problems.map(\.step) == ["client secret"])
        #expect(unusable.status == 0)
        #expect(unusable.steps("note").map(\.step).contains("client secret"))
    }

    @Test(.eachStore) func aSilentAppIsANoteWithItsCausesAndTheSettingDecides() throws {
        let fixture = try CommandFixture(url: nil)
        let date = Timestamp.now().adding(seconds: -8 * 86_400)
        try fixture.redis.push(
            [#"{"date":"\#(date.pythonDescription)","response_code":200,"webhook_url":"u"}"#],
            to: "sentry-app-webhook-request:{1}:comment.created")

        let diagnosis = try why(fixture)
        let longer = try why(
            fixture, environment: Self.loopback.merging(["HOOKLINE_SILENCE_DAYS": "9"]) { $1 })
        let never = try why(
            fixture, environment: Self.loopback.merging(["HOOKLINE_SILENCE_DAYS": "0"]) { $1 })

        #expect(
            diagnosis.text("silence")
                == "nothing was sent since \(date.truncatedToSeconds.iso8601Description): the app has no webhook URL")
        #expect(longer.text("silence") == "")
        #expect(never.text("silence") == "")
    }

    @Test func anEventThatWouldWaitBecauseNoWorkerRunsIsNoSuccess() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/hook"))

        let outcome = try fixture.runner.hookline("why", "radar", "issue.created", environment: Self.loopback)

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.contains("WARNING  workers        no worker is running"))
        #expect(
            outcome.output.hasSuffix(
                "\nLater: radar would get issue.created from \(CommandFixture.installation), but no worker is running: "
                    + "events wait in the queue until hookline-worker is started.\n"))
    }

    @Test func liveWorkersAreReported() throws {
        let fixture = try CommandFixture(url: nil)
        let without = try why(fixture)
        try fixture.report(workers: "hall-1", "hall-2")

        let with = try why(fixture)
        let receiver = try WebhookReceiver()
        try fixture.store { $0.webhookURL = receiver.url("/") }
        let text = try fixture.runner.hookline("why", "radar", "issue.created", environment: Self.loopback)

        #expect(text.output.contains("\nYes: radar would get issue.created from "))
        #expect(without.steps("warning").map(\.step) == ["workers"])
        #expect(with.steps("ok").first { $0.step == "workers" }?.text == "2 running: hall-1, hall-2")
    }

    @Test func allMissingSubscriptionsAreReported() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(
            url: receiver.url("/"), events: #"["comment"]"#, hook: #""events": ["comment.created"], "project_ids": [6]"#
        )

        let diagnosis = try why(fixture, ["--project", "web"])

        #expect(diagnosis.status == 1)
        #expect(diagnosis.problems.map(\.step) == ["app's events", "hook's events", "projects"])
        #expect(diagnosis.problems[0].text.contains("does not subscribe to issue.created, only to comment."))
        #expect(diagnosis.problems[1].text.contains("only to comment.created."))
        #expect(diagnosis.problems[2].text.contains("limited to the projects 6, and the event's project is 5"))
        #expect(diagnosis.text("connection").contains("accepts connections"))
    }

    @Test func aDisabledAppIsAProblemUntilItIsEnabled() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/"))
        try fixture.runner.hookline("app", "disable", "radar", "--reason", "it burns")

        let disabled = try why(fixture)
        try fixture.runner.hookline("app", "enable", "radar")
        let enabled = try why(fixture)

        #expect(disabled.problems.map(\.step) == ["enabled"])
        #expect(disabled.problems[0].text.contains("it burns"))
        #expect(disabled.problems[0].text.contains("It subscribed to issue."))
        #expect(enabled.status == 0, "\(enabled.problems)")
    }

    @Test func aProjectThatIsListedIsNoProblemNoneAtAllIsOne() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(
            url: receiver.url("/"), hook: #""events": ["issue.created"], "project_ids": [5]"#)

        let listed = try why(fixture, ["--project", "web"])
        let none = try why(fixture)

        #expect(listed.status == 0)
        #expect(none.problems.map(\.step) == ["projects"])
        #expect(none.problems[0].text.hasSuffix("the event's project is none: name one with --project"))
    }

    @Test func aMissingHookAPendingInstallationAndAMissingURLAreReportedTogether() throws {
        let fixture = try CommandFixture(url: nil, hook: nil, installation: #", "status": "pending""#)

        let diagnosis = try why(fixture)

        #expect(diagnosis.status == 1)
        #expect(diagnosis.problems.map(\.step) == ["installation", "service hook", "webhook URL"])
        #expect(diagnosis.problems[0].text.hasPrefix("the installation is pending: the app must confirm it"))
    }

    @Test func deletedAppsAndInstallationsAndNoneAtAll() throws {
        let app = try why(CommandFixture(app: #", "date_deleted": "2024-02-03T04:05:06Z""#))
        let installation = try why(CommandFixture(installation: #", "date_deleted": "2024-02-03T04:05:06Z""#))
        let elsewhere = try why(CommandFixture(), ["--organization", "globex"])

        #expect(app.problems.first?.text == "Radar was deleted on 2024-02-03T04:05:06Z")
        #expect(installation.problems.first?.text == "Radar was uninstalled from acme on 2024-02-03T04:05:06Z")
        #expect(elsewhere.problems.first?.text == "Radar is not installed at globex")
        #expect([app, installation, elsewhere].map(\.status) == [1, 1, 1])
    }

    @Test func aDeletedInstallationGetsTheEventOfItsDeletion() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(
            url: receiver.url("/"), installation: #", "date_deleted": "2024-02-03T04:05:06Z""#)

        let diagnosis = try why(fixture, event: "installation.deleted")

        #expect(diagnosis.problems.isEmpty)
        #expect(diagnosis.status == 0)
    }

    @Test func aForbiddenAddressIsNamedWithTheSettingThatAllowsIt() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/"))

        let diagnosis = try why(fixture, environment: [:])

        #expect(diagnosis.problems.map(\.step) == ["addresses"])
        #expect(diagnosis.problems[0].text.hasPrefix("127.0.0.1 is not a public address (loopback)"))
        #expect(diagnosis.problems[0].text.contains("HOOKLINE_ALLOWED_NETWORKS"))
        #expect(receiver.acceptedConnections == 0)
    }

    @Test func aRefusedConnectionAndAnInvalidURL() throws {
        let refused = try why(CommandFixture(url: "http://127.0.0.1:\(try freePort())/"))
        let wrong = try CommandFixture()
        try wrong.store { $0.webhookURL = "ftp://example.com/" }
        let scheme = try why(wrong)

        #expect(refused.problems.map(\.step) == ["connection"])
        #expect(refused.problems[0].text.contains("Is the receiver running"))
        #expect(scheme.problems.map(\.step) == ["webhook URL"])
        #expect(scheme.problems[0].text == "the URL's scheme is neither http nor https")
    }

    @Test(.enabled(if: DNSServer.isPossible, "needs the superuser, for port 53 and a mount namespace"))
    func namesWithoutAnAddressSilentNameServersAndNamesOfForbiddenAddresses() throws {
        let receiver = try WebhookReceiver(addresses: ["127.0.0.1", "127.0.0.2"])
        let server = try DNSServer { name, _ in
            switch name {
            case "inside.example": .addresses(["10.0.0.1"])
            case "good.example": .addresses(["127.0.0.1"])
            case "silent.example": .silence
            default: .noSuchName
            }
        }
        func ask(_ host: String) throws -> Diagnosis {
            try why(
                CommandFixture(url: receiver.url("/", host: host)),
                environment: Self.loopback.merging(["HOOKLINE_WEBHOOK_TIMEOUT_MS": "1500"]) { $1 }, through: server)
        }

        let missing = try ask("missing.example")
        let silent = try ask("silent.example")
        let inside = try ask("inside.example")
        let good = try ask("good.example")

        #expect([missing, silent].map { $0.problems.map(\.step) } == [["DNS"], ["DNS"]])
        #expect(missing.problems[0].text.hasPrefix("missing.example has no address: "))
        #expect(silent.problems[0].text.contains("no response from a name server in time"))
        #expect(inside.problems.map(\.step) == ["addresses"])
        #expect(inside.problems[0].text.hasPrefix("10.0.0.1 is not a public address"))
        #expect(inside.text("DNS") == "inside.example is at 10.0.0.1")
        #expect(good.status == 0)
    }

    /// With TLS 1.3 the handshake itself succeeds.
    @Test func aReceiverThatWantsAClientCertificateIsAProblem() throws {
        let certificates = try TestCertificates()
        let server = try ClientCertificateServer(certificates: certificates, version: "tls1_3")

        let diagnosis = try why(
            CommandFixture(url: server.url),
            environment: Self.loopback.merging(["HOOKLINE_CA_FILE": certificates.authorityPath]) { $1 })

        #expect(diagnosis.problems.map(\.step) == ["TLS"])
        #expect(diagnosis.problems[0].text.contains("it wants a client certificate"))
    }

    @Test func certificatesUnknownAuthorityWrongHostAndAGoodOneWithItsEnd() throws {
        let receiver = try WebhookReceiver()
        let own = try TestCertificates()
        let foreign = try TestCertificates(names: "DNS:other.example")
        let front = try WebhookReceiverTLS(certificates: own, receiver: receiver)
        let misnamed = try WebhookReceiverTLS(certificates: foreign, receiver: receiver)
        func trusting(_ certificates: TestCertificates) -> [String: String] {
            Self.loopback.merging(["HOOKLINE_CA_FILE": certificates.authorityPath]) { $1 }
        }

        let good = try why(CommandFixture(url: front.url("/")), environment: trusting(own))
        let unknown = try why(CommandFixture(url: front.url("/")))
        let wrongHost = try why(CommandFixture(url: misnamed.url("/")), environment: trusting(foreign))
        let plain = try why(CommandFixture(url: "https://127.0.0.1:\(front.plainPort)/"))

        #expect(good.status == 0, "\(good.problems)")
        #expect(good.text("TLS").contains("DNS:localhost"))
        #expect(good.text("TLS").contains("until "))
        #expect([unknown, wrongHost, plain].map { $0.problems.map(\.step) } == [["TLS"], ["TLS"], ["TLS"]])
        #expect(unknown.problems[0].text.contains("HOOKLINE_CA_FILE"))
        #expect(unknown.problems[0].text.contains("Test authority"))
        #expect(wrongHost.problems[0].text.contains("DNS:other.example"))
        #expect(wrongHost.problems[0].text.contains("The URL's host must be one of the certificate's names"))
        #expect(receiver.received.isEmpty)
    }

    @Test func withAProxyItIsTheProxyThatConnectsAndOneThatIsNotThereIsTheProblem() throws {
        let fixture = try CommandFixture(url: "https://example.com/hook")

        let diagnosis = try why(fixture, environment: ["HOOKLINE_PROXY": "http://me:hush@127.0.0.1:\(try freePort())"])

        #expect(diagnosis.problems.map(\.step) == ["proxy"])
        #expect(diagnosis.text("addresses").contains("the proxy (HOOKLINE_PROXY) resolves example.com"))
        #expect(!diagnosis.json.compactText.contains("hush"))
    }

    @Test func failureCountsDeadLettersAndTheLogAreOnlyNotes() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/"))
        try fixture.deadLetter(count: 2)
        try fixture.runner.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "502", "--response-body", "no\nmore")
        let health = FailureCounts(connection: try fixture.connection())
        for outcome in [FailureKind.success, .timeout, .timeout] {
            try health.record(outcome, of: FailureCountKey(appID: 1, organizationID: 1), at: .now())
        }

        let diagnosis = try why(
            fixture, environment: Self.loopback.merging(["HOOKLINE_DISABLE_APPS": "all"]) { $1 })
        let uncounted = try why(fixture)

        #expect(diagnosis.status == 0)
        #expect(diagnosis.text("health").hasPrefix("7 days: 1 success, 0 errors, 2 timeouts. It is disabled at 1000"))
        #expect(
            uncounted.text("health") == "failures of published apps are not counted (HOOKLINE_DISABLE_APPS is internal)"
        )
        #expect(diagnosis.text("dead letters").hasPrefix("2 of this app. The newest: 4 attempts failed"))
        #expect(diagnosis.text("log").hasSuffix(" 502. The last response: no more"))
    }

    @Test func aTestEventIsMarkedAndItsResultReported() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/"))
        let worker = try FakeWorker(fixture: fixture, code: 200)

        let delivered = try why(fixture, ["--send-test"])
        let event = try worker.join()

        #expect(delivered.status == 0, "\(delivered.problems)")
        #expect(event.data["hookline_test"] == .bool(true))
        #expect(delivered.text("test event").hasSuffix(" got status 200 after 12 ms"))
        #expect(delivered.json["test_event_id"]?.string == worker.id)
    }

    @Test func aReceiverThatRespondsWithAnErrorIsNotSaidToGetNothing() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/"))
        let worker = try FakeWorker(fixture: fixture, code: 404)

        let refused = try fixture.runner.hookline(
            "why", "radar", "issue.created", "--send-test", environment: Self.loopback)
        _ = try worker.join()

        #expect(refused.status == 1)
        #expect(
            refused.output.hasSuffix(
                "\nNo: radar gets issue.created from \(CommandFixture.installation), but responded to the test event "
                    + "with status 404.\n"))
    }

    @Test func failedUndeliveredAndDroppedTestEvents() throws {
        let receiver = try WebhookReceiver()
        let fixture = try CommandFixture(url: receiver.url("/"))
        let worker = try FakeWorker(fixture: fixture, code: 500)
        let failed = try why(fixture, ["--send-test"])
        _ = try worker.join()

        let alone = try why(fixture, ["--send-test", "--wait", "0"])
        let idle = try why(CommandFixture(url: receiver.url("/")), ["--send-test", "--wait", "0"])
        let unsubscribed = try CommandFixture(url: receiver.url("/"), events: "[]")
        let dropped = try why(unsubscribed, ["--send-test", "--wait", "0"])

        #expect(failed.problems.map(\.step) == ["test event"])
        #expect(failed.problems[0].text.hasSuffix("got status 500 after 12 ms: oops"))
        #expect(alone.problems[0].text.contains("Is a worker running"))
        #expect(alone.problems[0].text.contains("The queue has 1 waiting"))
        #expect(idle.status == 0)
        #expect(idle.steps("warning").map(\.step) == ["workers", "test event"])
        #expect(dropped.text("test event").hasPrefix("not sent"))
        #expect(try unsubscribed.queued().isEmpty)
    }

    @Test func unknownAppsAndAmbiguousInstallationsAreInvalidData() throws {
        let fixture = try CommandFixture(
            more: #", "users": []"#)
        try fixture.runner.importDocument(
            #"{"installations": [{"id": 2, "app_id": 1, "organization_id": 2}]}"#)

        let app = try fixture.runner.hookline("why", "nope", "issue.created")
        let event = try fixture.runner.hookline("why", "radar", "no.such")
        let choice = try fixture.runner.hookline("why", "radar", "issue.created")
        let both = try fixture.runner.hookline(
            "why", "radar", "issue.created", "--installation", "x", "--organization", "acme")
        let networks = try fixture.runner.hookline(
            "why", "radar", "issue.created", "--organization", "acme",
            environment: ["HOOKLINE_ALLOWED_NETWORKS": "10.0.0.1/8"])

        #expect([app, event, choice].map(\.status) == [65, 65, 65])
        #expect(choice.error.contains("  \(CommandFixture.installation)  acme\n"))
        #expect(both.status == 64)
        #expect(networks.status == 78)
        #expect(networks.error.hasPrefix("hookline: HOOKLINE_ALLOWED_NETWORKS: "))
    }

    @Test func whatIsMissingInTheDirectoryIsANoteThatChangesNoVerdict() throws {
        let app = SentryApp(
            id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .published, uuid: "u",
            dateAdded: Timestamp(seconds: 0))
        var run = DiagnosisRun(
            target: DiagnosisTarget(app: app, installation: nil, organization: nil, owner: nil),
            event: EventType(rawValue: "issue.created"), catalogue: .version23Dot7,
            options: EventOptions(), directory: IncompleteDirectory(missing: ["no table b"]))

        try run.noteFindings()

        #expect(run.report.diagnostics.map(\.text) == ["no table b"])
        #expect(run.report.wouldBeDelivered)
        #expect(run.report.text.contains("Yes: radar would get issue.created"))
    }
}
