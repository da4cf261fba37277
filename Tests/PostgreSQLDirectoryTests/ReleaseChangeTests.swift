import Directory
import Model
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// The original is upgraded while Hookline runs.
@Suite struct ReleaseChangeTests {
    @Test func columnsThatAreDroppedAreNoLongerRead() throws {
        let fixture = try OriginalFixture(.release23)
        let member = try #require(fixture.memory.memberships.first { !$0.teamRoles.isEmpty })
        #expect(
            try fixture.directory.membership(userID: member.userID, organizationID: member.organizationID) == member)

        try PostgreSQLOriginal.release26.upgrade(fixture.database.connection())

        var expected = member
        expected.teamRoles = []
        #expect(
            try fixture.directory.membership(userID: member.userID, organizationID: member.organizationID) == expected)
    }

    @Test func newColumnsThatTheRoleMayNotReadYetAreNamedNotIgnored() throws {
        let fixture = try OriginalFixture(.release23)
        try PostgreSQLOriginal.release26.upgrade(fixture.database.connection())
        let directory = try OriginalFixture.directory(fixture.database)

        let error = #expect(throws: DirectoryError.self) { try directory.app(id: OriginalFixture.appID) }

        guard case .missingRight(_, let object, let grant) = error else { throw TestSupportError("\(error as Any)") }
        #expect(object == "public.sentry_sentryapp.is_disabled")
        #expect(
            grant == "GRANT SELECT (is_disabled, webhook_headers, metadata) ON public.sentry_sentryapp TO \"hookline\"")
        try PostgreSQLOriginal.giveRights(fixture.database.server, database: fixture.database.name)
        try waitUntil("the rights are seen") { (try? directory.app(id: OriginalFixture.appID)) != nil }
        #expect(try directory.missingRights().isEmpty)
    }

    @Test func newColumnsAreFoundInTime() throws {
        let fixture = try OriginalFixture(.release23)
        #expect(try fixture.directory.app(id: OriginalFixture.appID)?.isDisabledByPlatform == false)
        try PostgreSQLOriginal.release26.upgrade(fixture.database.connection())
        try PostgreSQLOriginal.giveRights(fixture.database.server, database: fixture.database.name)
        try fixture.execute("UPDATE sentry_sentryapp SET is_disabled = true WHERE id = 17")

        // What happens by itself a minute later.
        _ = try fixture.directory.freshFacts()

        #expect(try fixture.directory.app(id: OriginalFixture.appID)?.isDisabledByPlatform == true)
    }

    @Test func aDatabaseOfAnotherProgramIsNoDirectory() throws {
        let database = try PostgreSQLDatabase()
        let directory = try OriginalFixture.directory(database, user: "postgres")

        let error = #expect(throws: DirectoryError.self) { try directory.check() }

        #expect(error?.description.contains("it has no table public.sentry_sentryapp") == true)
        #expect(error?.description.contains("hookline directory migrate --standalone") == true)
        #expect(throws: DirectoryError.self) { try directory.app(id: 1) }
        #expect(throws: DirectoryError.self) { try directory.document() }
        #expect(throws: DirectoryError.self) { try directory.missingRights() }
    }

    @Test(arguments: [(99, "use a newer Hookline"), (0, "hookline directory migrate")])
    func aSchemaOfAnotherVersionIsRefused(version: Int, remedy: String) throws {
        let fixture = try OriginalFixture()
        try fixture.execute("UPDATE hookline.directory SET version = \(version)")

        let error = #expect(throws: DirectoryError.self) { try fixture.directory.app(id: OriginalFixture.appID) }

        #expect(error?.description.contains(remedy) == true)
    }
}
