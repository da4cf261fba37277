import Buffer
import Delivery
import Directory
import Foundation
import Logging
import Model
import Queue
import System
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

@Suite(.eachStore) struct AppCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        let document = """
            {"organizations": [{"id": 1, "slug": "acme"}],
             "apps": [
               {"id": 1, "slug": "radar", "name": "Radar", "owner_id": 1, "status": "internal",
                "events": ["issue", "error.created"], "webhook_headers": ["X-Token: hush"], "webhook_timeout_ms": 900,
                "client_secret": "hidden"},
               {"id": 2, "slug": "alarm", "owner_id": 1, "status": "published"}]}
            """
        let outcome = try runner.importDocument(document)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    @Test func disablingAndEnablingRoundTripWithWhoDidItInTheAuditLogAndNoNotice() throws {
        let disabled = try runner.hookline("app", "disable", "radar", "--reason", "receiver overloaded")
        #expect(disabled.status == 0)
        #expect(disabled.output == "Disabled radar.\n")
        let app = try #require(try runner.directory.app(slug: "radar"))
        #expect(app.events.isEmpty)
        #expect(app.disablement?.reason == "receiver overloaded")
        #expect(app.disablement?.events == ["issue", "error.created"])
        #expect(try runner.directory.pendingNotices(limit: 10).isEmpty)

        let enabled = try runner.hookline("app", "enable", "radar")

        #expect(enabled.status == 0)
        #expect(enabled.output == "Enabled radar, subscribed to issue, error.created.\n")
        #expect(try runner.directory.app(slug: "radar")?.events == ["issue", "error.created"])
        let entries = try runner.directory.document().auditEntries
        #expect(entries.map(\.event) == [131, 10_131])
        for entry in entries {
            #expect(entry.actorLabel == OperatorName.current())
            #expect(entry.actorID == nil)
            #expect(entry.targetObject == 1)
            #expect(entry.dataJSON == #"{"name":"Radar"}"#)
        }
    }

    @Test func impossibleChangesAreRefusedWithStatus65() throws {
        let notDisabled = try runner.hookline("app", "enable", "radar")
        try runner.hookline("app", "disable", "radar", "--reason", "first")
        let twice = try runner.hookline("app", "disable", "radar", "--reason", "second")

        #expect(notDisabled.status == 65)
        #expect(notDisabled.error.hasPrefix("hookline: warning: whether radar is to be disabled is not known: "))
        #expect(notDisabled.error.hasSuffix("hookline: the app \"radar\" is not disabled\n"))
        #expect(twice.status == 65)
        #expect(twice.error == "hookline: the app \"radar\" is already disabled\n")
        #expect(try runner.directory.app(slug: "radar")?.disablement?.reason == "first")
        for command in [["show"], ["enable"], ["disable", "--reason", "x"]] {
            let outcome = try run(["app"] + command + ["missing"])
            #expect(outcome.status == 65)
            #expect(outcome.error == "hookline: no such app: missing\n")
        }
        #expect(try runner.directory.document().auditEntries.count == 1)
    }

    @Test(arguments: [
        ("", 65), (String(repeating: "x", count: 500), 0),
        (String(repeating: "x", count: 501), 65), ("two\nlines", 65),
    ])
    func aReasonIsOneLineOfBoundedLength(reason: String, status: Int) throws {
        #expect(try run(["app", "disable", "radar", "--reason", reason]).status == Int32(status))
        #expect((try runner.directory.app(slug: "radar")?.disablement != nil) == (status == 0))
    }

    @Test func aDirectoryThatIsNotThereIsNotMade() throws {
        let other = try CommandRunner(store: .sqlite)

        #expect(try other.hookline("app", "list").status == 69)
        #expect(try other.hookline("app", "enable", "radar").status == 69)
        #expect(try other.hookline("app", "disable", "radar", "--reason", "x").status == 69)
        #expect(throws: DirectoryError.self) { try other.directory.check() }
    }

    @Test func aNightlyImportDoesNotEnableWhatIsDisabledAnExportedDocumentAndDisabledFalseDo() throws {
        let document = { (state: String) in
            #"{"apps": [{"id": 1, "slug": "radar", "owner_id": 1, "status": "published", "events": ["issue"]\#(state)}]}"#
        }
        let enabled = try runner.export()
        try runner.hookline("app", "disable", "radar", "--reason", "floods")
        let disabled = try runner.export()

        let silent = try ["", #", "disabled": null"#].map { state in
            #expect(try runner.importDocument(document(state)).status == 0)
            return try runner.directory.app(slug: "radar")
        }
        #expect(silent.map { $0?.disablement?.events } == [["issue"], ["issue"]])
        #expect(silent.map { $0?.events } == [[], []])
        #expect(try runner.importDocument(document(#", "disabled": false"#)).status == 0)
        #expect(try runner.directory.app(slug: "radar")?.events == ["issue"])
        #expect(try runner.importDocument(disabled, replacing: true).status == 0)
        #expect(try runner.directory.app(slug: "radar")?.disablement?.reason == "floods")
        #expect(try runner.importDocument(enabled, replacing: true).status == 0)
        #expect(try runner.directory.app(slug: "radar")?.disablement == nil)
        // One for each change, those of the imports included: no import removes one.
        #expect(try runner.directory.document().auditEntries.map(\.event) == [131, 10131, 131, 10131])
    }

    @Test func theListNamesEveryAppDisabledThoseAlone() throws {
        try runner.hookline("app", "disable", "alarm", "--reason", "x")

        let table = try runner.hookline("app", "list").output.split(separator: "\n")
        let lines = try runner.hookline("app", "list", "--disabled", "--json").output.split(separator: "\n")

        #expect(table.count == 3)
        #expect(table[0].hasPrefix("SLUG   NAME   STATUS     ORGANIZATION  DISABLED"))
        #expect(table[1].hasPrefix("alarm  alarm  published  acme          20"))
        #expect(table[2].hasPrefix("radar  Radar  internal   acme          -"))
        #expect(table[2].hasSuffix("issue,error.created"))
        #expect(lines.count == 1)
        #expect(lines[0].contains(#""slug":"alarm""#))
    }

    @Test func anAppIsShownWithItsDisablementAndWithoutSecrets() throws {
        try runner.hookline("app", "disable", "radar", "--reason", "receiver overloaded")

        let text = try runner.hookline("app", "show", "radar").output
        let json = try runner.hookline("app", "show", "radar", "--json").output

        for fact in ["radar", "acme", "internal", "X-Token", "900 ms", "receiver overloaded", "issue, error.created"] {
            #expect(text.contains(fact), "\(fact)")
        }
        let value = try JSONValue(parsing: json)
        #expect(value["disabled"]?["reason"] == .string("receiver overloaded"))
        #expect(value["webhook_header_names"] == .array([.string("X-Token")]))
        for secret in ["hush", "hidden"] { #expect(!text.contains(secret) && !json.contains(secret)) }
    }

    @Test func ofProgramsThatDisableAnAppAtOnceOneDoesIt() throws {
        let statuses = Lock<[Int32]>([])

        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            let status = try? run(["app", "disable", "radar", "--reason", "all at once"]).status
            statuses.withLock { $0.append(status ?? -1) }
        }

        #expect(statuses.withLock { $0.sorted() } == [0, 65, 65, 65, 65, 65])
        #expect(try runner.directory.document().auditEntries.count == 1)
    }

    @Test func aTokenOfThePlatformItselfCanBeMadeAndSurvivesAnExportAndImport() throws {
        try runner.importDocument(#"{"users": [{"id": 1, "username": "platform"}]}"#)
        let made = try runner.hookline(
            "token", "create", "--user", "platform", "--scope", "hookline:enqueue", "--scope", "project:read")
        let digest = TokenDigest(hashing: String(made.output.dropLast()))
        let scopes = ScopeSet([.hooklineEnqueue, .projectRead])
        #expect(made.status == 0)
        #expect(try runner.directory.token(digest: digest)?.scopes == scopes)

        let other = try CommandRunner()
        try other.importDocument(try runner.hookline("directory", "export").output, replacing: true)

        #expect(try other.directory.token(digest: digest)?.scopes == scopes)
        #expect(try other.hookline("token", "list").output.contains("project:read,hookline:enqueue"))
    }

    private func run(_ arguments: [String]) throws -> CommandRunner.Outcome { try runner.hookline(arguments) }
}

/// Enabling an app that failures disabled.
@Suite(.eachStore) struct EnablingTests {
    private static let threshold = 3

    private let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
        let outcome = try fixture.runner.importDocument(
            #"""
            {"installations": [{"id": 2, "app_id": 1, "organization_id": 2, "uuid": "other"}]}
            """#)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    /// A monitor as a worker that was just started has it; radar is disabled at three timeouts on one day.
    private func observe(timeouts count: Int, at organizations: Int64...) throws {
        var policy = DeliveryPolicy.sentry
        policy.autoDisable = AutoDisableSettings(
            rule: .daily(AutoDisableRule(timeoutThreshold: Self.threshold)), apps: .all)
        let monitor = AutoDisabler(
            connection: try fixture.connection(), directory: try fixture.runner.directory, mailQueue: nil,
            policies: DeliveryPolicies(policy), baseURL: "",
            metrics: MetricRegistry(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for organization in organizations {
            let attempts = try (0..<count).map { _ in try timeout(at: organization) }
            _ = try monitor.observe(attempts, now: .now())
            _ = try monitor.completeNotices(now: .now())
        }
    }

    private func timeout(at organizationID: Int64) throws -> FinishedAttempt {
        let app = try #require(try fixture.runner.directory.app(slug: "radar"))
        let installation = Installation(
            id: organizationID, appID: app.id, organizationID: organizationID, uuid: "x", dateAdded: .now())
        return FinishedAttempt(
            entry: QueueEntry(
                id: EventIDSource.random.next(), appID: app.id, event: "issue.created", enqueuedAt: .now(), payload: []),
            webhook: PlannedWebhook(
                app: app, installation: installation, event: "issue.created", url: "http://x/", headers: [],
                loggedHeaders: [], body: [], timeout: .seconds(5)),
            result: SendResult(outcome: .failed(.timeout, detail: ""), durationMilliseconds: 1), date: .now())
    }

    private func isDisabled() throws -> Bool {
        try #require(try fixture.runner.directory.app(slug: "radar")).disablement != nil
    }

    /// Timeouts disable the app; those of webhooks that were under way then are counted behind.
    private func disable() throws {
        try observe(timeouts: Self.threshold, at: 2)
        try observe(timeouts: Self.threshold, at: 1, 2)
        #expect(try isDisabled())
    }

    @Test func afterEnablingOneMoreFailureDoesNotDisableAgainInNoOrganization() throws {
        try disable()

        let outcome = try fixture.runner.hookline("app", "enable", "radar")
        try observe(timeouts: 1, at: 1, 2)

        #expect(outcome.status == 0)
        #expect(outcome.error.isEmpty)
        #expect(try !isDisabled())
        try observe(timeouts: Self.threshold - 1, at: 1)
        #expect(try isDisabled())
    }

    @Test func withoutRedisTheAppIsEnabledWithAWarning() throws {
        try disable()

        let outcome = try fixture.runner.hookline(
            "app", "enable", "radar", environment: ["HOOKLINE_REDIS": "unix:/nowhere/redis.sock"])

        #expect(outcome.status == 0)
        #expect(outcome.output == "Enabled radar, subscribed to issue.\n")
        #expect(outcome.error.hasPrefix("hookline: warning: the failure counts of radar were not reset"))
        #expect(try !isDisabled())
        try observe(timeouts: 1, at: 1)
        #expect(try isDisabled())
    }

    /// As a worker leaves it that cannot write to the directory.
    @Test func anAppThatIsOnlyToBeDisabledIsKeptEnabled() throws {
        let pending = PendingDisablings(connection: try fixture.connection())
        try observe(timeouts: Self.threshold - 1, at: 1)
        try pending.add([PendingDisabling(appID: 1, organizationID: 1, reason: "responded: 410")])
        let diagnosis = try fixture.runner.hookline(
            "why", "radar", "issue.created", "--installation", CommandFixture.installation, "--json")

        let outcome = try fixture.runner.hookline("app", "enable", "radar")
        let again = try fixture.runner.hookline("app", "enable", "radar")

        #expect(diagnosis.status == 1)
        #expect(diagnosis.output.contains("the app is to be disabled as soon as the directory can be written"))
        #expect(diagnosis.output.contains("responded: 410"))
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output == "radar is not to be disabled any more. It is subscribed to issue.\n")
        #expect(try pending.all().isEmpty)
        #expect(try fixture.runner.directory.document().auditEntries.map(\.event) == [AuditEntry.appEnabled])
        #expect(again.status == 65)
        #expect(again.error == "hookline: the app \"radar\" is not disabled\n")
        // The failures so far are forgotten, too.
        try observe(timeouts: 1, at: 1)
        #expect(try !isDisabled())
    }

    @Test func theOrganizationsOfAnAppAreThoseThatHaveItInstalledEachOnceBounded() throws {
        let deleted = #""app_id": 1, "organization_id": 1, "date_deleted": "2024-02-03T04:05:06Z""#
        let outcome = try fixture.runner.importDocument(
            #"""
            {"organizations": [{"id": 3, "slug": "third"}],
             "installations": [{"id": 1, "uuid": "\#(CommandFixture.installation)", \#(deleted)},
                               {"id": 3, "app_id": 1, "organization_id": 2, "uuid": "again"},
                               {"id": 4, "app_id": 1, "organization_id": 3, "uuid": "third", "status": "pending"}]}
            """#)
        let directory = try fixture.runner.directory

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try directory.organizationIDs(installing: 1, limit: 9) == [2, 3])
        #expect(try directory.organizationIDs(installing: 1, limit: 1) == [2])
        #expect(try directory.organizationIDs(installing: 2, limit: 9) == [])
    }
}
