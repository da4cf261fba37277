import Directory
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite(.eachStore) struct MemberCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        try runner.hookline("organization", "create", "acme")
        for name in ["alice", "bob"] {
            try runner.hookline("user", "add", name, "--email", "\(name)@acme.example")
        }
    }

    @discardableResult
    private func add(_ user: String, _ role: String, _ arguments: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(["member", "add", user, "--organization", "acme", "--role", role] + arguments)
    }

    private func remove(_ user: String, _ arguments: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(["member", "remove", user, "--organization", "acme"] + arguments)
    }

    private func roles() throws -> [Role] { try runner.directory.document().memberships.map(\.role) }

    @Test func membersAreAddedListedAndRemovedWithEntriesInTheAuditLog() throws {
        let alice = try add("alice", "owner")
        let bob = try add("bob@acme.example", "member", "--json")
        let list = try runner.hookline("member", "list", "--organization", "acme")
        let json = try runner.hookline("member", "list", "--organization", "acme", "--json")
        let removed = try remove("bob")

        #expect(alice.output == "Added alice to acme with the role owner.\n", "\(alice.error)")
        #expect(try JSONValue(parsing: bob.output)["role"] == .string("member"))
        #expect(
            list.output == """
                USERNAME  EMAIL               ROLE    STATE
                alice     alice@acme.example  owner   active
                bob       bob@acme.example    member  active

                """)
        #expect(
            json.output.split(separator: "\n").last.map(String.init)
                == bob.output.split(separator: "\n").first.map(String.init))
        #expect(removed.output == "Removed bob from acme.\n", "\(removed.error)")
        #expect(try roles() == [.owner])
        let entries = try runner.directory.document().auditEntries.dropFirst()
        #expect(entries.map(\.event) == [AuditEntry.memberAdded, AuditEntry.memberAdded, AuditEntry.memberRemoved])
        #expect(entries.first?.dataJSON == #"{"name":"alice","changes":["role owner"]}"#)
        #expect(entries.allSatisfy { $0.actorLabel == OperatorName.current() && $0.organizationID == 1 })
    }

    @Test func aMemberGetsAnotherRoleAndTheSameOneIsNotWrittenAgain() throws {
        try add("alice", "owner")
        try add("bob", "member")

        let changed = try add("bob", "manager")
        let again = try add("bob", "manager")

        #expect(changed.output == "Changed the role of bob in acme from member to manager.\n", "\(changed.error)")
        #expect(again.output == "bob has the role manager in acme already.\n", "\(again.error)")
        #expect(try roles() == [.owner, .manager])
        #expect(try runner.directory.document().auditEntries.suffix(1).map(\.event) == [AuditEntry.memberChanged])
    }

    @Test func theLastActiveOwnerStaysUnlessForced() throws {
        try add("alice", "owner")
        try add("bob", "owner")
        try runner.hookline("user", "disable", "bob")

        let removed = try remove("alice")
        let demoted = try add("alice", "admin")

        let message = """
            hookline: alice is the last owner of acme, and nobody else would get mails about its apps: make somebody \
            else an owner first, or repeat the command with --force

            """
        #expect(removed.status == 65)
        #expect(removed.error == message)
        #expect(demoted.status == 65)
        #expect(demoted.error == message)
        #expect(try roles() == [.owner, .owner])
        #expect(try add("alice", "admin", "--force").status == 0)
        #expect(try remove("bob", "--force").status == 0)
        #expect(try roles() == [.admin])
    }

    @Test func whatIsUnknownIsNamedAndNothingIsChanged() throws {
        try add("alice", "owner")
        let before = try runner.directory.document()

        let role = try add("bob", "boss")
        let user = try add("carol", "member")
        let nobody = try remove("bob")
        let organization = try runner.hookline("member", "add", "bob", "--organization", "x", "--role", "member")

        #expect(role.error == "hookline: --role: \"boss\" is not one of member, admin, manager, owner\n")
        #expect(user.error == "hookline: no such user: carol\n")
        #expect(nobody.error == "hookline: bob is no member of acme\n")
        #expect(organization.error == "hookline: no such organization: x\n")
        #expect([role, user, nobody, organization].allSatisfy { $0.status == 65 && $0.output.isEmpty })
        #expect(try runner.directory.document() == before)
    }
}
