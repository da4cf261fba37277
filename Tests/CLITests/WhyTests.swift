import Buffer
import Foundation
import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct WhyTests {
    private static let loopback = ["HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8"]

    /// The answer to `hookline why radar issue.created …`.
    private struct Answer {
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
            (steps("ok") + steps("problem") + steps("note")).first { $0.step == step }?.text ?? ""
        }
    }

    private func why(
        _ bench: DeliveryBench, _ arguments: [String] = [], event: String = "issue.created",
        environment: [String: String] = loopback, through server: DNSServer? = nil
    ) throws -> Answer {
        let command = [try BuiltProducts.path("hookline"), "why", "radar", event, "--json"] + arguments
        let variables = [
            "HOOKLINE_DIRECTORY": "sqlite:\(bench.someone.path)", "HOOKLINE_REDIS": bench.redis.url,
            "PATH": "/usr/bin:/bin",
        ].merging(environment) { $1 }
        let (status, output, error) = try ChildProcess.run(
            server?.resolverCommand(command) ?? command, environment: variables)
        guard case .exited(let code) = status, code < 2 else { throw TestSupportError("why: \(status) \(error)") }
        return Answer(status: code, json: try JSONValue(parsing: output))
    }

    @Test func anEventThatWouldBeDeliveredEveryStepIsToldAndTheReceiverGetsNoRequest() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(url: receiver.url("/hook"))

        let answer = try why(bench)
        let text = try bench.someone.hookline("why", "radar", "issue.created", environment: Self.loopback)

        #expect(answer.status == 0, "\(answer.problems)")
        #expect(answer.json["would_be_delivered"] == .bool(true))
        #expect(
            answer.steps("ok").map(\.step) == [
                "event", "installation", "app", "enabled", "service hook", "app's events", "hook's events", "projects",
                "webhook URL", "request", "DNS", "addresses", "connection", "queue", "dead letters",
            ])
        #expect(text.status == 0)
        #expect(text.output.hasPrefix("ok    event          issue.created is enabled in this deployment\n"))
        #expect(text.output.hasSuffix("\nYes: radar would get issue.created from \(DeliveryBench.installation).\n"))
        #expect(receiver.received.isEmpty)
        #expect(receiver.acceptedConnections == 2)
    }

    @Test func itIsSaidWhetherAWorkerIsAlive() throws {
        let bench = try DeliveryBench(url: nil)
        let without = try why(bench)
        try bench.report(workers: "hall-1", "hall-2")

        let with = try why(bench)

        #expect(without.steps("note").first { $0.step == "workers" }?.text.hasPrefix("no worker is running") == true)
        #expect(with.steps("ok").first { $0.step == "workers" }?.text == "2 running: hall-1, hall-2")
    }

    @Test func everySubscriptionThatLacksIsToldNotTheFirstOnly() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(
            url: receiver.url("/"), events: #"["comment"]"#, hook: #""events": ["comment.created"], "project_ids": [6]"#
        )

        let answer = try why(bench, ["--project", "web"])

        #expect(answer.status == 1)
        #expect(answer.problems.map(\.step) == ["app's events", "hook's events", "projects"])
        #expect(answer.problems[0].text.contains("does not subscribe to issue.created, only to comment."))
        #expect(answer.problems[1].text.contains("only to comment.created."))
        #expect(answer.problems[2].text.contains("limited to the projects 6, and the event's project is 5"))
        #expect(answer.text("connection").contains("accepts connections"))
    }

    @Test func aDisabledAppIsToldAndEnablingItMendsThat() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(url: receiver.url("/"))
        try bench.someone.hookline("app", "disable", "radar", "--reason", "it burns")

        let disabled = try why(bench)
        try bench.someone.hookline("app", "enable", "radar")
        let enabled = try why(bench)

        #expect(disabled.problems.map(\.step) == ["enabled"])
        #expect(disabled.problems[0].text.contains("it burns"))
        #expect(disabled.problems[0].text.contains("It subscribed to issue."))
        #expect(enabled.status == 0, "\(enabled.problems)")
    }

    @Test func aProjectThatIsListedIsNoProblemNoneAtAllIsOne() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(
            url: receiver.url("/"), hook: #""events": ["issue.created"], "project_ids": [5]"#)

        let listed = try why(bench, ["--project", "web"])
        let none = try why(bench)

        #expect(listed.status == 0)
        #expect(none.problems.map(\.step) == ["projects"])
        #expect(none.problems[0].text.hasSuffix("the event's project is none: name one with --project"))
    }

    @Test func aMissingHookAPendingInstallationAndAMissingURLAreToldTogether() throws {
        let bench = try DeliveryBench(url: nil, hook: nil, installation: #", "status": "pending""#)

        let answer = try why(bench)

        #expect(answer.status == 1)
        #expect(answer.problems.map(\.step) == ["installation", "service hook", "webhook URL"])
        #expect(answer.problems[0].text.hasPrefix("the installation is pending: the app must confirm it"))
    }

    @Test func deletedAppsAndInstallationsAndNoneAtAll() throws {
        let app = try why(DeliveryBench(app: #", "date_deleted": "2024-02-03T04:05:06Z""#))
        let installation = try why(DeliveryBench(installation: #", "date_deleted": "2024-02-03T04:05:06Z""#))
        let elsewhere = try why(DeliveryBench(), ["--organization", "globex"])

        #expect(app.problems.first?.text == "Radar was deleted on 2024-02-03T04:05:06Z")
        #expect(installation.problems.first?.text == "Radar was uninstalled from acme on 2024-02-03T04:05:06Z")
        #expect(elsewhere.problems.first?.text == "Radar is not installed at globex")
        #expect([app, installation, elsewhere].map(\.status) == [1, 1, 1])
    }

    @Test func ofADeletedInstallationTheAppGetsTheEventThatTellsSo() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(
            url: receiver.url("/"), installation: #", "date_deleted": "2024-02-03T04:05:06Z""#)

        let answer = try why(bench, event: "installation.deleted")

        #expect(answer.problems.isEmpty)
        #expect(answer.status == 0)
    }

    @Test func aForbiddenAddressIsNamedWithTheSettingThatAllowsIt() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(url: receiver.url("/"))

        let answer = try why(bench, environment: [:])

        #expect(answer.problems.map(\.step) == ["addresses"])
        #expect(answer.problems[0].text.hasPrefix("127.0.0.1 is not a public address (loopback)"))
        #expect(answer.problems[0].text.contains("HOOKLINE_ALLOWED_NETWORKS"))
        #expect(receiver.acceptedConnections == 0)
    }

    @Test func aRefusedConnectionAndAURLThatIsNone() throws {
        let refused = try why(DeliveryBench(url: "http://127.0.0.1:\(try freePort())/"))
        let scheme = try why(DeliveryBench(url: "ftp://example.com/"))

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
        func ask(_ host: String) throws -> Answer {
            try why(
                DeliveryBench(url: receiver.url("/", host: host)),
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

    @Test func certificatesUnknownAuthorityWrongHostAndAGoodOneWithItsEnd() throws {
        let receiver = try WebhookReceiver()
        let own = try TestCertificates()
        let foreign = try TestCertificates(names: "DNS:other.example")
        let front = try WebhookReceiverTLS(certificates: own, receiver: receiver)
        let misnamed = try WebhookReceiverTLS(certificates: foreign, receiver: receiver)
        func trusting(_ certificates: TestCertificates) -> [String: String] {
            Self.loopback.merging(["HOOKLINE_CA_FILE": certificates.authorityPath]) { $1 }
        }

        let good = try why(DeliveryBench(url: front.url("/")), environment: trusting(own))
        let unknown = try why(DeliveryBench(url: front.url("/")))
        let wrongHost = try why(DeliveryBench(url: misnamed.url("/")), environment: trusting(foreign))
        let plain = try why(DeliveryBench(url: "https://127.0.0.1:\(front.plainPort)/"))

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
        let bench = try DeliveryBench(url: "https://example.com/hook")

        let answer = try why(bench, environment: ["HOOKLINE_PROXY": "http://me:hush@127.0.0.1:\(try freePort())"])

        #expect(answer.problems.map(\.step) == ["proxy"])
        #expect(answer.text("addresses").contains("the proxy (HOOKLINE_PROXY) looks up example.com"))
        #expect(!answer.json.compactText.contains("hush"))
    }

    @Test func healthDeadLettersAndTheLogAreToldAndDecideNothing() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(url: receiver.url("/"))
        try bench.bury(count: 2)
        try bench.someone.hookline(
            "log", "add", "radar", "--event", "issue.created", "--code", "502", "--response-body", "no\nmore")
        let health = FailureCounts(connection: try bench.connection())
        for outcome in [FailureKind.success, .timeout, .timeout] {
            try health.record(outcome, of: FailureCountKey(appID: 1, organizationID: 1), at: .now())
        }

        let answer = try why(
            bench, environment: Self.loopback.merging(["HOOKLINE_BROKEN_APPS": "all"]) { $1 })
        let uncounted = try why(bench)

        #expect(answer.status == 0)
        #expect(answer.text("health").hasPrefix("7 days: 1 success, 0 errors, 2 timeouts. It is disabled at 1000"))
        #expect(uncounted.text("health") == "failures of published apps are not counted (HOOKLINE_BROKEN_APPS is internal)")
        #expect(answer.text("dead letters").hasPrefix("2 of this app. The newest: 4 attempts failed"))
        #expect(answer.text("log").hasSuffix(" 502. The last response: no more"))
    }

    @Test func aTestEventIsMarkedAndWhatBecameOfItIsTold() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(url: receiver.url("/"))
        let worker = try FakeWorker(bench: bench, code: 200)

        let delivered = try why(bench, ["--send-test"])
        let event = try worker.join()

        #expect(delivered.status == 0, "\(delivered.problems)")
        #expect(event.data["hookline_test"] == .bool(true))
        #expect(delivered.text("test event").hasSuffix(" was answered 200 after 12 ms"))
        #expect(delivered.json["test_event_id"]?.string == worker.id)
    }

    @Test func aTestEventThatFailedOneThatNobodySendsAndOneThatWouldBeDropped() throws {
        let receiver = try WebhookReceiver()
        let bench = try DeliveryBench(url: receiver.url("/"))
        let worker = try FakeWorker(bench: bench, code: 500)
        let failed = try why(bench, ["--send-test"])
        _ = try worker.join()

        let alone = try why(bench, ["--send-test", "--wait", "0"])
        let unsubscribed = try DeliveryBench(url: receiver.url("/"), events: "[]")
        let dropped = try why(unsubscribed, ["--send-test", "--wait", "0"])

        #expect(failed.problems.map(\.step) == ["test event"])
        #expect(failed.problems[0].text.hasSuffix("was answered 500 after 12 ms: oops"))
        #expect(alone.problems[0].text.contains("Is a worker running"))
        #expect(alone.problems[0].text.contains("The queue has 1 waiting"))
        #expect(dropped.text("test event").hasPrefix("not sent"))
        #expect(try unsubscribed.queued().isEmpty)
    }

    @Test func whatWasNeverThereAndSeveralInstallationsToChooseFromAreWrongUsage() throws {
        let bench = try DeliveryBench(
            more: #", "users": []"#)
        try bench.someone.importDocument(
            #"{"installations": [{"id": 2, "app_id": 1, "organization_id": 2}]}"#)

        let app = try bench.someone.hookline("why", "nope", "issue.created")
        let event = try bench.someone.hookline("why", "radar", "no.such")
        let choice = try bench.someone.hookline("why", "radar", "issue.created")
        let both = try bench.someone.hookline(
            "why", "radar", "issue.created", "--installation", "x", "--organization", "acme")
        let networks = try bench.someone.hookline(
            "why", "radar", "issue.created", "--organization", "acme",
            environment: ["HOOKLINE_ALLOWED_NETWORKS": "10.0.0.1/8"])

        #expect([app, event, choice].map(\.status) == [65, 65, 65])
        #expect(choice.error.contains("  \(DeliveryBench.installation)  acme\n"))
        #expect(both.status == 64)
        #expect(networks.status == 78)
        #expect(networks.error.hasPrefix("hookline: HOOKLINE_ALLOWED_NETWORKS: "))
    }
}
