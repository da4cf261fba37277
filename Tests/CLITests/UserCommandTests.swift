import Directory
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite(.eachStore) struct UserCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        for slug in ["acme", "globex"] { try runner.hookline("organization", "create", slug) }
    }

    @discardableResult
    private func add(_ username: String, _ arguments: String...) throws -> CommandRunner.Outcome {
        try runner.hookline(["user", "add", username, "--email", "\(username)@acme.example"] + arguments)
    }

    private func user(_ name: String) throws -> User { try #require(try runner.directory.user(login: name)) }

    @Test func usersAreAddedAndListed() throws {
        let alice = try add("alice", "--name", "Alice A.")
        let root = try add("root", "--superuser", "--json")

        #expect(alice.output == "Added the user alice with the id 1.\n", "\(alice.error)")
        #expect(
            try user("alice") == User(id: 1, username: "alice", email: "alice@acme.example", name: "Alice A."))
        #expect(try user("root").isSuperuser)
        let json = try JSONValue(parsing: root.output)
        #expect(json["username"] == .string("root") && json["is_superuser"] == .bool(true))
        let list = try runner.hookline("user", "list")
        #expect(
            list.output == """
                ID  USERNAME  EMAIL               NAME      STATE
                1   alice     alice@acme.example  Alice A.  active
                2   root      root@acme.example   -         active, superuser

                """)
        let lines = try runner.hookline("user", "list", "--json").output.split(separator: "\n")
        #expect(lines.count == 2 && lines[1] == root.output.dropLast())
    }

    @Test(
        arguments: [
            (["alice"], "username: the user name \"alice\" is taken"),
            (["a b"], "username: must not contain white space"),
            (["12"], "username: must not consist of digits alone: commands take that for an id"),
            (["ALICE@acme.example"], "username: is the e-mail address of the user alice"),
            ([""], "username: must not be empty"),
            (["bob", "--email", "nobody"], "--email: \"nobody\": "),
            (["bob", "--email", ""], "--email: must not be empty"),
            (["bob", "--email", "carol@acme.example"], "--email: is the name of another user"),
            (["bob", "--name", "\u{7}"], "--name: must not contain control characters"),
            ([String(repeating: "b", count: 129)], "username: has 129 characters, the maximum is 128"),
        ] as [([String], String)])
    func aBadValueIsNamedAndNobodyIsAdded(arguments: [String], message: String) throws {
        try add("alice")
        try runner.hookline("user", "add", "carol@acme.example", "--email", "carol@globex.example")
        let before = try runner.directory.document()
        let email = arguments.contains("--email") ? [] : ["--email", "bob@acme.example"]

        let outcome = try runner.hookline(["user", "add"] + arguments + email)

        #expect(outcome.status == 65)
        #expect(outcome.error.hasPrefix("hookline: \(message)"), "\(outcome.error)")
        #expect(try runner.directory.document() == before)
    }

    @Test func aDisabledUserStaysWithTokensAndMembershipsAndEachOrganizationIsTold() throws {
        try add("alice")
        try add("bob")
        for slug in ["acme", "globex"] {
            try runner.hookline("member", "add", "alice", "--organization", slug, "--role", "owner")
        }
        try runner.hookline("member", "add", "bob", "--organization", "acme", "--role", "owner")
        try runner.hookline("token", "create", "--user", "alice", "--scope", "org:read")
        let before = try runner.directory.document()

        let outcome = try runner.hookline("user", "disable", "alice@acme.example")
        let again = try runner.hookline("user", "disable", "alice")
        let disabled = try runner.directory.document()
        let enabled = try runner.hookline("user", "enable", "alice", "--json")

        #expect(outcome.output == "Disabled alice.\n")
        #expect(
            outcome.error
                == "hookline: warning: globex has no active owner now: nobody gets mails about its apps\n")
        #expect(again.status == 65)
        #expect(again.error == "hookline: the user \"alice\" is already disabled\n")
        #expect(disabled.users.map(\.isActive) == [false, true])
        #expect(disabled.memberships == before.memberships && disabled.tokens == before.tokens)
        #expect(disabled.auditEntries.suffix(2).map(\.event) == [AuditEntry.userDisabled, AuditEntry.userDisabled])
        #expect(disabled.auditEntries.suffix(2).map(\.organizationID) == [1, 2])
        #expect(try JSONValue(parsing: enabled.output)["is_active"] == .bool(true))
        let after = try runner.directory.document()
        #expect(after.users == before.users)
        #expect(after.auditEntries.suffix(2).map(\.event) == [AuditEntry.userEnabled, AuditEntry.userEnabled])
    }

    @Test func aUserMayHaveTheOwnAddressAsNameAndASharedAddressIsAWarning() throws {
        let own = try runner.hookline("user", "add", "a@acme.example", "--email", "a@acme.example")
        let shared = try runner.hookline("user", "add", "other", "--email", "A@acme.example")

        #expect(own.status == 0 && own.error.isEmpty, "\(own.error)")
        #expect(shared.status == 0)
        #expect(
            shared.error
                == "hookline: warning: a@acme.example has the same e-mail address: only a user name tells them apart\n")
    }

    @Test func anUnknownUserIsNamed() throws {
        let outcome = try runner.hookline("user", "disable", "nobody")

        #expect(outcome.status == 65)
        #expect(outcome.error == "hookline: no such user: nobody\n")
    }
}
