import Model
import TestSupport
import Testing

@testable import Directory

/// A program without a PostgreSQL client.
@Suite struct DirectoryOpeningTests {
    private let opener = EmbeddedDirectoryOpener()
    private let postgreSQL = DirectoryLocation.postgreSQL(url: Secret("postgres://ann:hunter2@h/d"))

    @Test func aPostgreSQLDatabaseIsRefusedByEveryCallWithoutItsPassword() throws {
        let refusal = #expect(throws: DirectoryLocation.ParseError.self) { try opener.validate(postgreSQL) }
        let errors = [
            #expect(throws: DirectoryError.self) { try opener.open(postgreSQL, limits: DirectoryLimits()) },
            #expect(throws: DirectoryError.self) { try opener.openForWriting(postgreSQL, secretKeys: .none) },
            #expect(throws: DirectoryError.self) { try opener.exists(postgreSQL) },
            #expect(throws: DirectoryError.self) { try opener.migrate(postgreSQL, isStandalone: true) },
        ]

        #expect(refusal?.description.contains("no PostgreSQL client") == true)
        for error in errors {
            let text = try #require(error).description
            #expect(text.contains("no PostgreSQL client"))
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func migratingCreatesTheFileAndStandaloneIsRefusedBeforeThat() throws {
        let folder = try TemporaryDirectory()
        let location = DirectoryLocation.sqlite(path: folder.file("directory.sqlite"))
        try opener.validate(location)

        let error = #expect(throws: DirectoryError.self) { try opener.migrate(location, isStandalone: true) }
        #expect(try !opener.exists(location))
        let text = try opener.migrate(location, isStandalone: false)

        #expect(error?.description.contains("--standalone is for PostgreSQL") == true)
        #expect(text == "\(folder.file("directory.sqlite")) has the tables of this version.")
        #expect(try opener.exists(location))
        #expect(try opener.open(location, limits: DirectoryLimits()).findings() == [])
    }

    @Test func aChangeWaitsForOtherWritersAsLongAsTheLimitSays() throws {
        let fixture = try DirectoryFixture()
        let directory = try opener.open(
            .sqlite(path: fixture.path), limits: DirectoryLimits(writeWaitMilliseconds: 50))
        let writer = try SQLiteDatabase(path: fixture.path, mode: .updating, busyTimeoutMilliseconds: 0)
        try writer.execute("BEGIN IMMEDIATE")
        let clock = ContinuousClock()

        let duration = clock.measure {
            #expect(throws: DirectoryError.self) { try directory.completeNotice(id: 1) }
        }
        try writer.execute("ROLLBACK")
        try directory.completeNotice(id: 1)

        // Without it, the default of ten seconds.
        #expect(duration >= .milliseconds(50))
        #expect(duration < .seconds(5))
    }
}
