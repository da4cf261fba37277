import Directory
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

/// `hookline relay` for an app that exists.
@Suite(.eachStore) struct RelayTargetCommandTests {
    private let fixture: CommandFixture

    init() throws { fixture = try CommandFixture() }

    @discardableResult
    private func relay(
        _ arguments: String..., environment: [String: String] = [:]
    ) throws -> CommandRunner.Outcome {
        try fixture.runner.hookline(["relay"] + arguments, environment: environment)
    }

    private func targets() throws -> [RelayTarget] {
        let app = try #require(try fixture.runner.directory.app(slug: "radar"))
        return try #require(RelayTargets(of: app)).list
    }

    private func audits() throws -> [AuditEntry] { try fixture.runner.directory.document().auditEntries }

    private func states() throws -> RelayTargetStates { RelayTargetStates(connection: try fixture.connection()) }

    @Test func targetsAreAddedAndReplacedByName() throws {
        let file = try fixture.runner.folder.write("X-File: from file\n", to: "headers")
        let first = try relay("add", "radar", "--target", "https://a.example/")
        let second = try relay(
            "add", "radar", "--target", "https://b.example/", "--name", "ci", "--event", "issue", "--event",
            "error.created", "--condition", "data.issue.project.slug=web", "--condition", "data.count=3",
            "--condition", #"data.id="3""#, "--condition", "data.tags=[1]", "--timeout-ms", "700", "--header",
            "X-Key: hush", "--headers-file", file)

        #expect(first.status == 0, "\(first.error)")
        #expect(first.output.hasPrefix("Changed radar: target default.\n"))
        #expect(second.status == 0, "\(second.error)")
        #expect(!second.output.contains("hush"))
        let expected = RelayTarget(
            name: "ci", url: "https://b.example/", events: ["issue", "error.created"],
            conditions: [
                .init(path: "data.issue.project.slug", value: .string("web")),
                .init(path: "data.count", value: .number("3")), .init(path: "data.id", value: .string("3")),
                .init(path: "data.tags", value: .string("[1]")),
            ],
            timeoutMilliseconds: 700,
            headers: [
                .init(name: "X-Key", value: Secret("hush")), .init(name: "X-File", value: Secret("from file")),
            ])
        #expect(try targets() == [RelayTarget(name: "default", url: "https://a.example/"), expected])

        let same = try relay("add", "radar", "--target", "https://a.example/", "--name", "default", "--replace")
        #expect(same.output.hasPrefix("radar has this target already.\n"), "\(same.error)")
        #expect(try audits().count == 2)
        let replaced = try relay("add", "radar", "--target", "https://c.example/", "--name", "ci", "--replace")
        #expect(replaced.output.hasPrefix("Changed radar: target ci replaced.\n"), "\(replaced.error)")
        #expect(try targets().map(\.url) == ["https://a.example/", "https://c.example/"])
        #expect(try audits().map(\.event) == Array(repeating: AuditEntry.appSettingsChanged, count: 3))
        #expect(try !audits().contains { $0.dataJSON.contains("hush") })
        #expect(try fixture.runner.directory.app(slug: "radar")?.clientSecret.exposed == "hush")
    }

    @Test func whatDoesNotFitAnAppThatExistsIsRefused() throws {
        try relay("add", "radar", "--target", "https://a.example/")
        let before = try fixture.runner.directory.document()
        let cases: [([String], String)] = [
            ([], "--name is required: the app has default already"),
            (
                ["--name", "default"],
                "the app has a target \"default\" already: give another --name, or --replace"
            ),
            (
                ["--name", "b", "--secret-file", "-", "--id", "5", "--owner", "a@acme.example"],
                "the app radar exists already: leave out --secret-file, --id, --owner. "
            ),
        ]
        for (arguments, message) in cases {
            let outcome = try fixture.runner.hookline(
                ["relay", "add", "radar", "--target", "https://b.example/"] + arguments, input: "secret")
            #expect(outcome.status == 65 && outcome.error.contains(message), "\(outcome.error)")
        }
        let file = try fixture.runner.folder.write("\nHost: hidden\n", to: "headers")
        let header = try relay(
            "add", "radar", "--target", "https://b.example/", "--name", "b", "--headers-file", file)
        #expect(header.error.contains("headers line 2: Host is reserved") && !header.error.contains("hidden"))
        #expect(try fixture.runner.directory.document() == before)
        for number in 2...RelayTarget.maximumCount {
            try relay("add", "radar", "--target", "https://b.example/", "--name", "t\(number)")
        }
        let over = try relay("add", "radar", "--target", "https://b.example/", "--name", "over")
        #expect(over.error == "hookline: the app has 16 targets, the maximum\n")
    }

    @Test func theListShowsTargetsTheirFiltersAndTheirState() throws {
        let received = Timestamp(seconds: 1_700_000_000)
        try relay("add", "radar", "--target", "https://a.example/", "--header", "X-Key: hidden-value")
        try relay(
            "add", "radar", "--target", "https://b.example/", "--name", "ci", "--event", "issue", "--condition",
            "data.id=3")
        let none = try relay("list").output
        #expect(none.contains("radar  default  enabled  "), "\(none)")
        #expect(none.contains("  never "), "\(none)")
        try states().noteReceived(appID: 1, at: received)
        let destination = WebhookDestination(appID: 1, target: "ci")
        _ = try states().disable(destination, TargetDisabling(date: received, reason: "answered 410 Gone"))
        let key = "hookline:{app:1}:target:default:breaker.broken"
        try fixture.redis.command("SET", key, "99999999999")

        let table = try relay("list", "radar").output
        let output = try relay("list", "radar", "--json", environment: ["HOOKLINE_BREAKER": "on"]).output
        let lines = try output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }

        #expect(table.contains("disabled since 2023-11-14T22:13:20Z: it answered 410 Gone"), "\(table)")
        #expect(table.contains("issue, data.id=3") && !table.contains("hidden-value"))
        #expect(lines.count == 2)
        let (first, second) = (lines[0], lines[1])
        #expect(first["app"]?.string == "radar" && first["target"]?.string == "default")
        #expect(first["state"]?.string == "enabled" && first["disabled_at"] == .null)
        #expect(first["header_names"] == .array([.string("X-Key")]))
        #expect(first["circuit_breaker"]?.string == "open" && second["circuit_breaker"]?.string == "closed")
        #expect(first["last_received"]?.string == received.iso8601Description)
        #expect(first["webhook_path"]?.string == "/relay/radar/")
        #expect(second["state"]?.string == "disabled" && second["disabled_reason"]?.string == "answered 410 Gone")
        #expect(second["events"] == .array([.string("issue")]))
        #expect(second["conditions"] == .object([.init(name: "data.id", value: .number("3"))]))
    }

    @Test func theStateIsUnknownWithoutRedisAndTargetsAreListedNevertheless() throws {
        try relay("add", "radar", "--target", "https://a.example/")

        let outcome = try relay(
            "list", "--json", "--redis", "unix:\(fixture.runner.folder.file("none.sock"))")

        let json = try JSONValue(parsing: outcome.output)
        #expect(outcome.status == 0 && json["state"]?.string == "unknown")
        #expect(json["url"]?.string == "https://a.example/" && json["last_received"] == .null)
        #expect(outcome.error.hasPrefix("hookline: warning: the state of targets is not known: "))
    }

    @Test func aTargetIsDisabledAndEnabledWithEntriesInTheAuditLog() throws {
        try relay("add", "radar", "--target", "https://a.example/")
        let disabled = try relay("disable", "radar", "default", "--reason", "too slow")
        let twice = try relay("disable", "radar", "default")

        #expect(disabled.output == "Disabled the target default of radar.\n", "\(disabled.error)")
        #expect(twice.error == "hookline: the target default of radar is already disabled\n")
        let reason = try #require(try states().disabled(appID: 1)["default"]).reason
        #expect(reason == "was disabled by \(OperatorName.current()): too slow")

        let enabled = try relay("enable", "radar", "default", "--json")
        let again = try relay("enable", "radar", "default")

        #expect(enabled.output == #"{"app":"radar","target":"default"}"# + "\n", "\(enabled.error)")
        #expect(again.status == 65 && again.error == "hookline: the target default of radar is not disabled\n")
        #expect(try states().disabled(appID: 1).isEmpty)
        let entries = try audits().dropFirst()
        #expect(entries.map(\.event) == [AuditEntry.targetDisabled, AuditEntry.targetEnabled])
        #expect(entries.allSatisfy { $0.targetObject == 1 && $0.actorLabel == OperatorName.current() })
        #expect(entries.allSatisfy { $0.dataJSON.contains(#""target":"default""#) })
    }

    @Test func enablingSaysHowToSendTheDeadLetters() throws {
        try relay("add", "radar", "--target", "https://a.example/")
        try relay("disable", "radar", "default")

        #expect(try relay("enable", "radar", "default").output.contains("hookline queue redrive --all --app radar"))
    }

    @Test(arguments: ["", "two\nlines"])
    func aReasonIsOneLine(reason: String) throws {
        try relay("add", "radar", "--target", "https://a.example/")

        let outcome = try relay("disable", "radar", "default", "--reason", reason)

        #expect(outcome.status == 65 && outcome.error.contains("--reason: must be one line"))
        #expect(try states().disabled(appID: 1).isEmpty)
    }

    @Test func aRemovedTargetIsForgottenWithItsState() throws {
        try relay("add", "radar", "--target", "https://a.example/")
        try relay("add", "radar", "--target", "https://b.example/", "--name", "ci")
        try relay("disable", "radar", "ci")

        let removed = try relay("remove", "radar", "ci")

        #expect(removed.output == "Removed the target ci from radar.\n", "\(removed.error)")
        #expect(try targets().map(\.name) == ["default"])
        #expect(try states().disabled(appID: 1).isEmpty)
        #expect(try audits().last?.event == AuditEntry.appSettingsChanged)
        #expect(try audits().last?.dataJSON.contains("without target ci") == true)
        for command in ["remove", "disable", "enable"] {
            let unknown = try relay(command, "radar", "ci")
            #expect(unknown.status == 65)
            #expect(unknown.error == "hookline: the app has no target \"ci\"; it has default\n")
        }
    }

    @Test func aTargetIsRemovedWithoutRedisWithAWarning() throws {
        try relay("add", "radar", "--target", "https://a.example/")

        let outcome = try relay(
            "remove", "radar", "default", "--redis", "unix:\(fixture.runner.folder.file("none.sock"))")

        #expect(outcome.status == 0 && outcome.error.hasPrefix("hookline: warning: "), "\(outcome.error)")
        #expect(try targets().isEmpty)
    }
}
