import Directory
import Model
import PostgreSQL
import System
import TestSupport
import Testing

@testable import PostgreSQLDirectory

@Suite struct MigratorTests {
    private static func migrator(_ database: PostgreSQLDatabase) throws -> PostgreSQLMigrator {
        PostgreSQLMigrator(address: try database.address(user: "postgres"))
    }

    /// A database with the original's tables.
    private static func original() throws -> PostgreSQLDatabase {
        let database = try PostgreSQLDatabase()
        try PostgreSQLOriginal.makeTables(database.connection())
        return database
    }

    @Test func aDatabaseThatIsNotTheOriginalsIsLeftAlone() throws {
        let database = try PostgreSQLDatabase()

        let error = #expect(throws: DirectoryError.self) { try Self.migrator(database).migrate() }

        #expect(error?.description.contains("no table sentry_sentryapp") == true)
        #expect(try database.rows("SELECT to_regnamespace('hookline')") == [[nil]])
    }

    @Test func migratingTwiceChangesNothingTheSecondTime() throws {
        let database = try Self.original()
        let migrator = try Self.migrator(database)
        let version = HooklineSchema.version

        let first = try migrator.migrate()
        let second = try migrator.migrate()

        #expect(first == .init(from: 0, to: version, isStandalone: false))
        #expect(second == .init(from: version, to: version, isStandalone: false))
    }

    @Test func aSchemaOfTheFirstVersionKeepsItsRowsAndGetsWhatIsNew() throws {
        let database = try Self.original()
        for statement in HooklineSchema.migrations[0] { try database.execute(statement) }
        try database.execute(
            """
            UPDATE hookline.directory SET version = 1;
            INSERT INTO hookline.app_settings (app_id, webhook_timeout_ms) VALUES (17, 900);
            INSERT INTO hookline.app_headers VALUES (17, 0, 'X-Token', 'hush');
            """)
        let older = PostgreSQLDirectory(address: try database.address(user: "postgres"), connectionCount: 1)
        #expect(throws: DirectoryError.self) { try older.app(slug: "pub-app") }

        let outcome = try Self.migrator(database).migrate()

        #expect(outcome == .init(from: 1, to: HooklineSchema.version, isStandalone: false))
        #expect(
            try database.rows("SELECT app_id, webhook_timeout_ms, delivery_policy FROM hookline.app_settings")
                == [["17", "900", nil]])
        #expect(try database.rows("SELECT name FROM hookline.app_headers") == [["X-Token"]])
        #expect(try database.rows("SELECT count(*) FROM hookline.previous_secrets") == [["0"]])
        #expect(try older.app(slug: "pub-app") == nil)
        #expect(throws: TestSupportError.self) {
            try database.execute("UPDATE hookline.app_settings SET delivery_policy = 'fast'")
        }
    }

    @Test func aDatabaseThatCannotHoldEveryTextIsNoPlaceForAStandaloneDirectory() throws {
        let server = try PostgreSQLServer.shared()
        let name = "latin_database"
        try server.connection().execute(
            "CREATE DATABASE \(name) ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        let migrator = PostgreSQLMigrator(address: try PostgreSQLAddress(parsing: server.url(database: name)))

        let error = #expect(throws: DirectoryError.self) { try migrator.migrateStandalone() }

        guard case .conflict(let reason) = error else { throw TestSupportError("\(error as Any)") }
        #expect(reason.hasPrefix("the database's encoding is LATIN1"))
        #expect(try server.connection(database: name).rows("SELECT to_regnamespace('hookline')") == [[nil]])
        try server.connection().execute("DROP DATABASE \(name) WITH (FORCE)")
    }

    @Test func migratingMakesNothingOutsideItsSchema() throws {
        let database = try Self.original()
        let others = """
            SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname NOT IN ('hookline', 'pg_toast') ORDER BY 1, 2
            """
        let before = try database.rows(others)

        _ = try Self.migrator(database).migrate()

        #expect(try database.rows(others) == before)
        #expect(try database.rows("SELECT to_regclass('hookline.directory')") == [["hookline.directory"]])
    }

    @Test func ofSeveralThatMigrateAtTheSameTimeOneDoes() throws {
        let database = try PostgreSQLDatabase()
        let outcomes = Lock<[PostgreSQLMigrator.Outcome?]>([])

        try runThreads(count: 4) { _ in
            let outcome = try? Self.migrator(database).migrateStandalone()
            outcomes.withLock { $0.append(outcome) }
        }

        #expect(outcomes.withLock { $0.count { $0?.from == 0 } } == 1)
        #expect(outcomes.withLock { $0.count { $0?.from == HooklineSchema.version } } == 3)
    }

    @Test(arguments: StandaloneTables.tables.map(\.name) + ["django_migrations"])
    func aDatabaseThatHasOneOfTheTablesIsNoPlaceForAStandaloneDirectory(table: String) throws {
        let database = try PostgreSQLDatabase()
        try database.execute("CREATE TABLE \(table) (id bigint)")

        let error = #expect(throws: DirectoryError.self) { try Self.migrator(database).migrateStandalone() }

        guard case .conflict(let reason) = error else { throw TestSupportError("\(error as Any)") }
        #expect(reason.contains("the table \(table) already"))
        #expect(try database.rows("SELECT to_regnamespace('hookline')") == [[nil]])
        #expect(try database.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [["1"]])
    }

    @Test func aSchemaOfTheSameNameThatIsNotHooklinesIsLeftAlone() throws {
        let database = try PostgreSQLDatabase()
        try database.execute("CREATE SCHEMA hookline")

        let error = #expect(throws: DirectoryError.self) { try Self.migrator(database).migrate() }

        #expect(error?.description.contains("not made by Hookline") == true)
    }

    @Test func aNewerSchemaIsNotTouched() throws {
        let database = try Self.original()
        _ = try Self.migrator(database).migrate()
        try database.execute("UPDATE hookline.directory SET version = 99")

        let error = #expect(throws: DirectoryError.self) { try Self.migrator(database).migrate() }

        #expect(
            error
                == .newerSchema(
                    location: try Self.migrator(database).name, found: 99, supported: HooklineSchema.version))
    }

    @Test func migratingADatabaseThatIsStandaloneKeepsItSo() throws {
        let database = try PostgreSQLDatabase.standalone()

        let outcome = try Self.migrator(database).migrate()

        #expect(outcome.isStandalone)
        #expect(try Self.migrator(database).migrateStandalone().isStandalone)
    }

    @Test func theOpenerOpensBothKindsOfDirectories() throws {
        let database = try PostgreSQLDatabase.standalone()
        let folder = try TemporaryDirectory()
        let opener = PostgreSQLDirectoryOpener()

        for location in [
            DirectoryLocation.postgreSQL(url: Secret(database.url)),
            DirectoryLocation.sqlite(path: folder.file("directory.sqlite")),
        ] {
            let writer = try opener.openForWriting(location, secretKeys: .none)
            var document = DirectoryDocument()
            document.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
            try writer.importDocument(document, isReplacing: false, at: Timestamp(seconds: 1))
            let directory = try opener.open(location, limits: DirectoryLimits(connectionCount: 2))
            try directory.check()
            #expect(try directory.organization(slug: "acme")?.id == 1)
        }
    }

    @Test func anAddressThatIsNoneIsReportedWithoutItsPassword() throws {
        let location = DirectoryLocation.postgreSQL(url: Secret("postgres://a:hunter2@host:port/db"))

        let error = #expect(throws: DirectoryError.self) {
            try PostgreSQLDirectoryOpener().open(location, limits: DirectoryLimits(connectionCount: 1))
        }

        #expect(error?.description.contains("hunter2") == false)
    }
}
