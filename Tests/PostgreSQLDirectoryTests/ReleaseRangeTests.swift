import Directory
import Model
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// Which releases of the original the tables can be.
@Suite struct ReleaseRangeTests {
    /// Facts of tables with these columns, whose names are `table.column`.
    private func facts(_ columns: [String]) -> TableFacts {
        var facts = TableFacts()
        let named = [
            "public.sentry_sentryapp.id", "public.sentry_apitoken.id", "public.sentry_team.id",
        ]
        for name in named + columns.map({ "public.\($0)" }) {
            let dot = name.lastIndex(of: ".") ?? name.startIndex
            facts.tables[String(name[..<dot]), default: .init()].columns[String(name[name.index(after: dot)...])] =
                TableFacts.Column(isReadable: false, isChangeable: false, isInsertable: false)
        }
        return facts
    }

    @Test(
        arguments: [
            (["sentry_team.org_role"], "23.7 to 24.2"),
            ([], "23.7 to 24.2"),
            (["sentry_apitoken.hashed_token", "sentry_team.org_role"], "24.3 to 24.5"),
            (["sentry_apitoken.hashed_token"], "24.3 to 26.4"),
            (["sentry_apitoken.hashed_token", "sentry_sentryapp.metadata"], "24.3 to 26.4"),
            (["sentry_apitoken.hashed_token", "sentry_sentryapp.is_disabled"], "26.5 to 26.6"),
            (
                [
                    "sentry_apitoken.hashed_token", "sentry_sentryapp.is_disabled", "sentry_sentryapp.webhook_headers",
                ], "26.7 to 26.9"
            ),
            // In the middle of an upgrade.
            (["sentry_sentryapp.is_disabled", "sentry_team.org_role"], "26.5 to 26.9"),
        ] as [([String], String)])
    func theColumnsDecide(_ columns: [String], _ releases: String) {
        #expect(facts(columns).releases.map { ProtocolRules(anyOf: $0).description } == releases)
    }

    @Test func theTablesOfEachReleaseAreRecognized() throws {
        let (old, new) = (try OriginalFixture(.release23), try OriginalFixture(.release26))

        #expect(try old.directory.releases() == ProtocolRelease(23, 7)...ProtocolRelease(24, 2))
        #expect(try new.directory.releases() == ProtocolRelease(26, 7)...ProtocolRelease(26, 9))
        #expect(
            try CachedDirectory(new.directory).releases() == ProtocolRelease(26, 7)...ProtocolRelease(26, 9))
    }

    @Test func tablesOfHooklineAreOfNoRelease() throws {
        let database = try PostgreSQLDatabase.standalone()

        #expect(try OriginalFixture.directory(database).releases() == nil)
    }

    @Test func anUpgradeIsSeenWhenAStatementFailsBecauseOfIt() throws {
        let fixture = try OriginalFixture(.release23)
        let member = try #require(fixture.memory.memberships.first)
        #expect(try fixture.directory.releases()?.upperBound == ProtocolRelease(24, 2))

        try PostgreSQLOriginal.release26.upgrade(fixture.database.connection())
        // Nothing is asked again for the releases alone.
        #expect(try fixture.directory.releases()?.upperBound == ProtocolRelease(24, 2))
        _ = try fixture.directory.membership(userID: member.userID, organizationID: member.organizationID)

        #expect(try fixture.directory.releases() == ProtocolRelease(26, 7)...ProtocolRelease(26, 9))
    }

    @Test func aColumnThatAppearsIsSeenInTime() throws {
        let fixture = try OriginalFixture(.release26)
        try fixture.execute("ALTER TABLE sentry_sentryapp DROP COLUMN webhook_headers")
        _ = try fixture.directory.freshFacts()
        #expect(try fixture.directory.releases() == ProtocolRelease(26, 5)...ProtocolRelease(26, 6))

        try fixture.execute("ALTER TABLE sentry_sentryapp ADD COLUMN webhook_headers text[]")
        // What happens by itself a minute later.
        _ = try fixture.directory.freshFacts()

        #expect(try fixture.directory.releases() == ProtocolRelease(26, 7)...ProtocolRelease(26, 9))
    }

    @Test func theMetadataOfAnAppAreRead() throws {
        let fixture = try OriginalFixture(.release26)
        try fixture.execute("UPDATE sentry_sentryapp SET metadata = '{\"a\": [1]}' WHERE id = 17")

        #expect(try fixture.directory.app(id: OriginalFixture.appID)?.metadataJSON == #"{"a": [1]}"#)
        let old = try OriginalFixture(.release23)
        #expect(try old.directory.app(id: OriginalFixture.appID)?.metadataJSON == "{}")
    }
}
