import Directory
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite(.eachStore) struct AuditCommandTests {
    private let runner: CommandRunner

    init() throws {
        runner = try CommandRunner()
        try runner.importDocument(smallDocument)
        try runner.hookline(
            "directory", "import", "--merge", "-", input: #"{"organizations": [{"id": 2, "slug": "globex"}]}"#)
    }

    /// Entries of all times, as a worker, an operator and a user have written them.
    private func record(_ entries: [(organization: Int64, event: Int, actor: String, minute: Int64)]) throws {
        let directory = try runner.directory
        for entry in entries {
            try directory.record(
                AuditEntry.Draft(
                    organizationID: entry.organization, event: entry.event,
                    actorID: entry.actor == "alice" ? 1 : nil, actorLabel: entry.actor,
                    targetObject: entry.organization,
                    dataJSON: #"{"name":"Radar","changes":["policy standard","timeout 750 ms"]}"#,
                    date: Self.start.adding(seconds: 60 * entry.minute)))
        }
    }

    private static let start = Timestamp.now().truncatedToSeconds.adding(seconds: -3 * 3600)

    private func list(_ arguments: [String] = []) throws -> [JSONValue] {
        let outcome = try runner.hookline(["audit", "list", "--json", "--since", "190m"] + arguments)
        guard outcome.status == 0 else { throw TestSupportError(outcome.error) }
        return try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }

    private func minutes(_ arguments: String...) throws -> [Int64] {
        try list(arguments).compactMap { entry in
            let date = try #require(entry["date"]?.string.flatMap(Timestamp.init(parsing:)))
            let minute = (date.seconds - Self.start.seconds) / 60
            // The import's own entries are of now.
            return minute < 120 ? minute : nil
        }
    }

    @Test func entriesAreListedNewestFirstWithTheNamesOfTheirEvents() throws {
        try record([
            (1, AuditEntry.appSettingsChanged, "root", 1), (2, AuditEntry.appDisabled, "Sentry", 3),
            (1, 47, "alice", 2),
        ])

        let table = try runner.hookline("audit", "list").output.split(separator: "\n")
        let entries = try list().suffix(3)

        #expect(table[0].split(separator: " ").map(String.init) == ["TIME", "EVENT", "ORGANIZATION", "ACTOR", "WHAT"])
        let rows = table.suffix(3).map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
        #expect(
            rows == [
                "app-disabled globex Sentry Radar: policy standard; timeout 750 ms",
                "47 acme alice Radar: policy standard; timeout 750 ms",
                "app-settings-changed acme root Radar: policy standard; timeout 750 ms",
            ])
        #expect(entries.map { $0["event_code"]?.integer } == [131, 47, 10_132])
        #expect(entries.map { $0["event"]?.string } == ["app-disabled", nil, "app-settings-changed"])
        #expect(entries.map { $0["actor_id"]?.integer } == [nil, 1, nil])
        #expect(entries.last?["data"]?["name"]?.string == "Radar")
        #expect(entries.last?["organization"]?.string == "acme")
    }

    @Test func eachFilterLeavesOutTheOthers() throws {
        try record([
            (1, AuditEntry.clientSecretRotated, "root", 1), (2, AuditEntry.appCreated, "alice", 2),
            (1, AuditEntry.appCreated, "root", 3), (1, 47, "bob", 4),
        ])

        #expect(try minutes() == [4, 3, 2, 1])
        #expect(try minutes("--organization", "acme") == [4, 3, 1])
        #expect(try minutes("--event", "app-created", "--event", "47") == [4, 3, 2])
        #expect(try minutes("--event", "10133") == [1])
        #expect(try minutes("--actor", "root") == [3, 1])
        // A user by name, address and id; one by the label alone.
        for actor in ["alice", "alice@acme.example", "1"] { #expect(try minutes("--actor", actor) == [2]) }
        #expect(try minutes("--actor", "bob") == [4])
        #expect(try minutes("--since", Self.start.adding(seconds: 180).iso8601Description) == [4, 3])
        #expect(try list(["--limit", "1"]).count == 1)
    }

    @Test func aLongLogIsReadPageByPage() throws {
        // Two times alone: the page's end is among equal ones.
        try record((0..<1203).map { (1, AuditEntry.appCreated, "root", Int64($0 % 2)) })

        let entries = try list(["--event", "app-created", "--limit", "1100"])

        let ids = entries.compactMap { $0["id"]?.integer }
        #expect(ids.count == 1100 && Set(ids).count == 1100)
        let dates = entries.compactMap { $0["date"]?.string }
        #expect(dates == dates.sorted(by: >))
        #expect(ids.prefix(601) == ids.prefix(601).sorted(by: >)[...])
    }

    @Test func unknownNamesAreNamed() throws {
        let organization = try runner.hookline("audit", "list", "--organization", "none")
        let event = try runner.hookline("audit", "list", "--event", "app-lost")

        #expect([organization.status, event.status] == [65, 65])
        #expect(organization.error == "hookline: no such organization: none\n")
        #expect(event.error.hasPrefix("hookline: --event: unknown event app-lost; known: app-disabled, app-enabled, "))
        #expect(try runner.hookline("audit", "list", "--limit", "0").status == 64)
        #expect(try runner.hookline("audit", "list", "--since", "soon").status == 65)
    }

    @Test func aTokenThatIsMadeAndRevokedIsInTheLogOfEachOrganizationOfItsUser() throws {
        try runner.hookline(
            "directory", "import", "--merge", "-",
            input: #"{"memberships": [{"user_id": 1, "organization_id": 2, "role": "member"}]}"#)
        let made = try runner.hookline(
            "token", "create", "--user", "alice", "--scope", "org:read", "--scope", "hookline:admin", "--name", "ci")
        let id = try #require(try runner.directory.tokens().map(\.token.id).max())

        let failed = try runner.hookline("token", "revoke", String(id), "7777")
        let before = try list(["--event", "token-revoked"])
        let revoked = try runner.hookline("token", "revoke", String(id))
        let created = try list(["--event", "token-created"])
        let ended = try list(["--event", "token-revoked"])

        #expect(made.status == 0 && failed.status == 65 && revoked.status == 0, "\(made.error) \(revoked.error)")
        #expect(before.isEmpty)
        for entries in [created, ended] {
            #expect(Set(entries.compactMap { $0["organization"]?.string }) == ["acme", "globex"])
            for data in entries.map({ $0["data"] }) {
                #expect(data?["user"]?.string == "alice" && data?["token"]?.integer == id)
                #expect(data?["scopes"] == .array([.string("org:read"), .string("hookline:admin")]))
                #expect(data?["label"]?.string == "ci")
            }
        }
        let log = try runner.hookline("audit", "list", "--json").output
        #expect(!log.contains(made.output.dropLast()))
        #expect(!log.contains(TokenDigest(hashing: String(made.output.dropLast())).rawValue))
    }

    @Test func aTokenOfAUserWithoutAnOrganizationHasItsEntryToo() throws {
        try runner.hookline("token", "create", "--user", "bob")

        let entries = try list(["--event", "token-created"])

        #expect(entries.map { $0["organization"] } == [.null] && entries.map { $0["organization_id"]?.integer } == [0])
    }
}

/// The audit log beside an original.
@Suite struct OriginalAuditTests {
    @Test func whatHooklineKeepsIsListedAndWithoutItsSchemaNothing() throws {
        let database = try PostgreSQLDatabase(golden: "101", release: .release23)
        let runner = try CommandRunner(database: database, setting: database.roleURL)
        try runner.hookline("app", "set", "pub-app", "--policy", "standard")
        try runner.hookline("app", "disable", "pub-app", "--reason", "floods")

        let outcome = try runner.hookline("audit", "list", "--json")
        let entries = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        try database.execute("DROP SCHEMA hookline CASCADE")
        let without = try runner.hookline("audit", "list", "--json")

        // The disabling is in the original's own log.
        #expect(entries.map { $0["event"]?.string } == ["app-settings-changed"], "\(outcome.error)")
        #expect(without.status == 0 && without.output.isEmpty, "\(without.error)")
    }
}
