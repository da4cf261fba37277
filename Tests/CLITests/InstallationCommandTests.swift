import Directory
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite(.eachStore) struct InstallationCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        for slug in ["acme", "globex"] { try runner.hookline("organization", "create", slug) }
        let outcome = try runner.hookline(
            "app", "create", "--organization", "acme", "--name", "Radar", "--webhook-url", "https://example.com/hook",
            "--event", "issue.created", "--event", "comment.created")
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    @discardableResult
    private func create(_ organization: String, _ arguments: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(
            ["installation", "create", "--app", "radar", "--organization", organization] + arguments)
    }

    @Test func anAppIsInstalledOnceWithItsHookAndAnEntryInTheAuditLog() throws {
        let outcome = try create("acme")
        let again = try create("acme")

        let document = try runner.directory.document()
        let installation = try #require(document.installations.first).installation
        #expect(outcome.output == "Installed radar in acme: \(installation.uuid)\n", "\(outcome.error)")
        #expect(again.output == "radar is already installed in acme: \(installation.uuid)\n", "\(again.error)")
        #expect(document.installations.count == 1 && installation.status == .installed)
        let hook = try #require(document.serviceHooks.first)
        #expect(document.serviceHooks.count == 1 && hook.installationID == installation.id)
        #expect(hook.url == "https://example.com/hook" && hook.organizationID == installation.organizationID)
        #expect(hook.events == ["issue.created", "comment.created"])
        let entry = try #require(document.auditEntries.last)
        #expect(entry.event == AuditEntry.appInstalled && entry.actorLabel == OperatorName.current())
        #expect(entry.organizationID == installation.organizationID)
    }

    @Test func installationsAreListedByAppAndOrganization() throws {
        try runner.hookline("app", "create", "--organization", "globex", "--name", "Alarm")
        for (app, organization) in [("radar", "acme"), ("radar", "globex"), ("alarm", "globex")] {
            try runner.hookline("installation", "create", "--app", app, "--organization", organization)
        }

        func list(_ arguments: String...) throws -> [[String]] {
            try runner.hookline(["installation", "list"] + arguments).output.split(separator: "\n").dropFirst()
                .map { $0.split(separator: " ").map(String.init) }
        }
        #expect(
            try list().map { Array($0[1...2]) } == [["alarm", "globex"], ["radar", "acme"], ["radar", "globex"]])
        #expect(try list("--app", "radar").map { $0[2] } == ["acme", "globex"])
        #expect(try list("--organization", "globex").map { $0[1] } == ["alarm", "radar"])
        #expect(try list("--organization", "acme", "--app", "alarm").isEmpty)
        let json = try JSONValue(
            parsing: try runner.hookline("installation", "list", "--app", "alarm", "--json").output)
        #expect(json["organization"] == .string("globex") && json["status"] == .string("installed"))
        #expect(try runner.hookline("installation", "list", "--app", "x").error == "hookline: no such app: x\n")
        #expect(
            try runner.hookline("installation", "list", "--organization", "x").error
                == "hookline: no such organization: x\n")
    }

    @Test func aPendingInstallationIsPrintedAsJSON() throws {
        let json = try JSONValue(parsing: try create("globex", "--status", "pending", "--json").output)

        #expect(json["app"] == .string("radar") && json["organization"] == .string("globex"))
        #expect(json["status"] == .string("pending"))
        #expect(try runner.directory.installation(uuid: json["uuid"]?.string ?? "")?.status == .pending)
    }

    @Test func whatIsUnknownIsNamedAndNothingIsChanged() throws {
        let before = try runner.directory.document()

        let status = try create("acme", "--status", "gone")
        let organization = try create("x")
        let app = try runner.hookline("installation", "create", "--app", "x", "--organization", "acme")
        let installation = try runner.hookline("installation", "delete", "no-such-uuid")

        #expect(status.error == "hookline: --status: \"gone\" is not one of pending, installed\n")
        #expect(organization.error == "hookline: no such organization: x\n")
        #expect(app.error == "hookline: no such app: x\n")
        #expect(installation.error == "hookline: no such installation: no-such-uuid\n")
        #expect([status, organization, app, installation].allSatisfy { $0.status == 65 && $0.output.isEmpty })
        #expect(try runner.directory.document() == before)
    }

    @Test func anAppIsUninstalledOnce() throws {
        try create("acme")
        let uuid = try #require(try runner.directory.document().installations.first).installation.uuid

        let outcome = try runner.hookline("installation", "delete", uuid)
        let again = try runner.hookline("installation", "delete", uuid)

        #expect(outcome.output == "Uninstalled radar from acme.\n", "\(outcome.error)")
        #expect(again.status == 65)
        let document = try runner.directory.document()
        #expect(document.installations.first?.installation.dateDeleted != nil)
        #expect(document.auditEntries.last?.event == AuditEntry.appUninstalled)
        #expect(try runner.hookline("installation", "list", "--json").output.isEmpty)
        // It can be installed again.
        #expect(try create("acme").status == 0)
        let json = try JSONValue(parsing: try runner.hookline("installation", "list", "--json").output)
        #expect(json["uuid"] != .string(uuid))
    }
}
