import Directory
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite(.eachStore) struct TokenCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        try runner.importDocument(smallDocument)
    }

    @Test func aNewTokenIsPrintedOnceAndGrantsItsScopes() throws {
        let outcome = try runner.hookline(
            "token", "create", "--user", "alice@acme.example", "--scope", "org:read", "--scope", "event:read", "--name",
            "for ci", "--expires", "2040-01-01T00:00:00Z")

        #expect(outcome.status == 0, "\(outcome.error)")
        let token = String(outcome.output.dropLast())
        #expect(token.utf8.count == 64)
        let found = try #require(try runner.directory.token(digest: TokenDigest(hashing: token)))
        #expect(found.userID == 1)
        #expect(found.scopes == [ScopeSet(.orgRead), ScopeSet(.eventRead)])
        #expect(found.expiresAt == Timestamp(parsing: "2040-01-01T00:00:00Z"))
        #expect(!outcome.error.contains(token))
        #expect(try !runner.hookline("token", "list").output.contains(token))
        #expect(try !runner.hookline("directory", "export").output.contains(token))
    }

    @Test func aTokenIsPrintedAndRevokedAsJSON() throws {
        let outcome = try runner.hookline(
            "token", "create", "--user", "alice", "--scope", "org:read", "--name", "ci", "--json")

        let json = try JSONValue(parsing: outcome.output)
        let token = try #require(json["token"]?.string)
        let found = try #require(try runner.directory.token(digest: TokenDigest(hashing: token)))
        #expect(json["id"] == .integer(found.id) && json["username"] == .string("alice"))
        #expect(json["scopes"] == .array([.string("org:read")]) && json["name"] == .string("ci"))
        #expect(json["expires_at"] == .null && !outcome.error.contains(token))
        let revoked = try runner.hookline("token", "revoke", "\(found.id)", "--json")
        #expect(revoked.output == "{\"revoked\":[\(found.id)]}\n", "\(revoked.error)")
    }

    @Test func aTokenCanBeMadeBesideOneWithTheLargestID() throws {
        let digest = String(repeating: "a", count: 64)
        let document = """
            {"tokens": [{"id": \(Int64.max), "token_sha256": "\(digest)", "user_id": 1, "scopes": ["org:read"]}]}
            """
        let imported = try runner.hookline("directory", "import", "-", input: document)
        #expect(imported.status == 0, "\(imported.error)")

        let outcome = try runner.hookline("token", "create", "--user", "alice")

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try runner.directory.tokens().map(\.token.id).contains(Int64.max))
    }

    @Test(arguments: ["alice", "alice@acme.example", "1"])
    func aUserIsNamedByLoginAddressOrNumber(name: String) throws {
        let outcome = try runner.hookline("token", "create", "--user", name)

        let digest = TokenDigest(hashing: String(outcome.output.dropLast()))
        #expect(try runner.directory.token(digest: digest)?.userID == 1)
    }

    @Test func invalidTokensAreRefused() throws {
        let unknownUser = try runner.hookline("token", "create", "--user", "nobody", "--scope", "org:read")
        let unknownScope = try runner.hookline("token", "create", "--user", "alice", "--scope", "org:reed")
        let noTime = try runner.hookline("token", "create", "--user", "alice", "--expires", "soon")

        #expect(unknownUser.status == 65)
        #expect(unknownUser.error == "hookline: no such user: nobody\n")
        #expect(unknownScope.status == 64)
        #expect(unknownScope.error.contains("org:read"))
        #expect(noTime.status == 65)
        #expect(try runner.directory.tokens().count == 1)
    }

    @Test func anUnknownScopeIsAnsweredWithAllScopes() throws {
        let outcome = try runner.hookline("token", "create", "--user", "alice", "--scope", "org:reed")

        #expect(Scope.allCases.allSatisfy { outcome.error.contains($0.rawValue) }, "\(outcome.error)")
    }

    @Test func aDisabledUserGetsNoToken() throws {
        try runner.hookline(
            "directory", "import", "--merge", "-", input: #"{"users": [{"id": 2, "is_active": false}]}"#)

        let outcome = try runner.hookline("token", "create", "--user", "bob", "--scope", "org:read")

        #expect(outcome.status == 65)
        #expect(outcome.error == "hookline: the user \"bob\" is disabled: nobody could use a token of this user\n")
        #expect(try runner.directory.tokens().count == 1)
    }

    @Test func tokensAreListedAsATableAndAsJSON() throws {
        let refused = try runner.hookline("token", "create", "--user", "bob", "--expires", "2020-01-01T00:00:00Z")
        #expect(refused.status == 65 && refused.error.contains("--expires: 2020-01-01T00:00:00Z is in the past"))
        let named = try runner.hookline("token", "create", "--user", "bob", "--name", "\u{1B}[31m")
        #expect(named.status == 65 && named.error.contains("--name: at most 128 characters"), "\(named.error)")
        try runner.importDocument(
            #"{"tokens": [{"token": "bobs-former-token", "user_id": 2, "expires_at": "2020-01-01T00:00:00Z"}]}"#)

        let table = try runner.hookline("token", "list").output.split(separator: "\n")
        let lines = try runner.hookline("token", "list", "--user", "bob", "--json").output.split(separator: "\n")

        try #require(table.count == 3)
        #expect(table[0].hasPrefix("ID  USER   SCOPES    NAME  CREATED"))
        #expect(table[1].hasPrefix("1   alice  org:read  -"))
        #expect(table[2].hasSuffix("2020-01-01T00:00:00Z (expired)"))
        try #require(lines.count == 1)
        #expect(lines[0].contains(#""username":"bob""#))
        #expect(lines[0].contains(#""is_expired":true"#))
    }

    @Test func revokingRemovesTokensAndNothingIfAnIdIsUnknown() throws {
        let wrong = try runner.hookline("token", "revoke", "1", "77")
        #expect(wrong.status == 65)
        #expect(wrong.error.contains("there is no token 77"))
        #expect(try runner.directory.tokens().count == 1)

        let right = try runner.hookline("token", "revoke", "1")

        #expect(right.output == "Revoked 1 token.\n")
        #expect(try runner.directory.token(digest: TokenDigest(hashing: "a-token-in-clear")) == nil)
    }

    @Test func commandsThatNeedADirectoryDoNotMakeOne() throws {
        let other = try CommandRunner(store: .sqlite)

        #expect(try other.hookline("token", "list").status == 69)
        #expect(try other.hookline("token", "revoke", "1").status == 69)
        #expect(try other.hookline("token", "create", "--user", "x").status == 69)
        #expect(throws: DirectoryError.self) { try other.directory.check() }
    }
}

@Suite struct CommandHelpTests {
    @Test(arguments: [
        [], ["directory"], ["directory", "import"], ["directory", "export"], ["directory", "migrate"], ["token"],
        ["token", "create"], ["token", "list"], ["token", "revoke"], ["app"], ["app", "list"], ["app", "show"],
        ["app", "disable"], ["app", "enable"], ["app", "set"], ["app", "rotate-secret"], ["app", "previous-secret"],
        ["app", "previous-secret", "add"], ["app", "previous-secret", "remove"], ["log"], ["log", "show"],
        ["log", "add"], ["event"], ["event", "send"], ["event", "list"], ["event", "show"], ["event", "redeliver"],
        ["audit"], ["audit", "list"],
        ["demo"], ["demo", "seed"],
    ])
    func everyCommandExplainsItself(command: [String]) throws {
        let outcome = try ChildProcess.run([try BuiltProducts.path("hookline")] + command + ["--help"])

        #expect(outcome.status == .exited(0))
        #expect(outcome.output.contains("USAGE: hookline"))
        if command.count >= 2, ![["directory", "migrate"], ["app", "previous-secret"]].contains(command) {
            #expect(outcome.output.contains("Example"))
        }
    }
}
