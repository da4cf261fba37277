import Foundation
import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct SQLiteDirectoryOpeningTests {
    /// The programs run as the user whom the folder belongs to: what `root` creates is theirs.
    @Test(
        .enabled(if: getuid() == 0, "needs the superuser, to create files of another user"),
        arguments: [(0o750, 0o640), (0o770, 0o660)] as [(mode_t, mode_t)])
    func aFileThatTheSuperuserCreatesBelongsToTheFoldersOwner(folderMode: mode_t, fileMode: mode_t) throws {
        let folder = try TemporaryDirectory()
        #expect(chown(folder.path, 65_534, 65_533) == 0 && chmod(folder.path, folderMode) == 0)
        let path = folder.file("directory.sqlite")

        try SQLiteDirectoryWriter(path: path).importDocument(.sample, isReplacing: false, at: DirectoryFixture.imported)

        for suffix in ["", "-wal", "-shm"] {
            var facts = stat()
            #expect(stat(path + suffix, &facts) == 0)
            #expect(facts.st_uid == 65_534 && facts.st_gid == 65_533, "\(suffix)")
            #expect(facts.st_mode & 0o777 == fileMode, "\(suffix) \(String(facts.st_mode, radix: 8))")
        }
    }

    /// Whoever may write into the folder gets no file elsewhere by that.
    @Test(.enabled(if: getuid() == 0, "needs the superuser, to create files of another user"))
    func aFileBehindALinkStaysTheSuperusers() throws {
        let (folder, elsewhere) = (try TemporaryDirectory(), try TemporaryDirectory())
        #expect(chown(folder.path, 65_534, 65_533) == 0)
        let path = folder.file("directory.sqlite")
        #expect(symlink(elsewhere.file("target"), path) == 0)

        _ = try SQLiteDirectoryWriter(path: path)

        var facts = stat()
        #expect(stat(elsewhere.file("target"), &facts) == 0)
        #expect(facts.st_uid == 0 && facts.st_mode & 0o777 == 0o640)
    }

    @Test func aMissingFileIsAnErrorAndReadingDoesNotCreateIt() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("none.sqlite")

        let error = #expect(throws: DirectoryError.self) { try SQLiteDirectory(path: path).app(slug: "x") }

        #expect(error?.description.contains("\(path): No such file or directory; create it with") == true)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aFileThatAppearsLaterIsReadByTheSameValue() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("late.sqlite")
        let directory = SQLiteDirectory(path: path)
        #expect(throws: DirectoryError.self) { try directory.check() }

        try SQLiteDirectoryWriter(path: path).importDocument(.sample, isReplacing: false, at: .now())

        #expect(try directory.app(slug: "full") != nil)
    }

    @Test(arguments: [0, 99])
    func aSchemaOfAnotherVersionIsAnErrorAndReadingDoesNotChangeIt(version: Int) throws {
        let fixture = try DirectoryFixture()
        try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
            .execute("PRAGMA user_version = \(version)")

        let error = #expect(throws: DirectoryError.self) { try fixture.directory.check() }

        let supported = DirectorySchema.version
        #expect(
            error
                == (version == 0
                    ? .olderSchema(location: fixture.path, found: 0, supported: supported)
                    : .newerSchema(location: fixture.path, found: 99, supported: supported)))
    }

    @Test func aWriterRefusesANewerSchemaAndAnotherProgramsDatabase() throws {
        let fixture = try DirectoryFixture()
        let other = fixture.folder.file("other.sqlite")
        try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
            .execute("PRAGMA user_version = 99")
        try SQLiteDatabase(path: other, mode: .writing, busyTimeoutMilliseconds: 1000)
            .execute("CREATE TABLE theirs (a)")

        #expect(
            throws: DirectoryError.newerSchema(location: fixture.path, found: 99, supported: DirectorySchema.version)
        ) {
            try SQLiteDirectoryWriter(path: fixture.path)
        }
        let error = #expect(throws: DirectoryError.self) { try SQLiteDirectoryWriter(path: other) }
        #expect(error?.description.contains("another program's database") == true)
    }

    @Test func aFileThatIsNoDatabaseIsAnErrorOfTheDirectory() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write(String(repeating: "no database ", count: 100), to: "text")

        let error = #expect(throws: DirectoryError.self) { try SQLiteDirectory(path: path).check() }

        #expect(error?.description.contains("file is not a database") == true)
    }

    @Test func anInvalidRowIsReportedAndOthersCanStillBeRead() throws {
        let fixture = try DirectoryFixture()
        let database = try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
        try database.execute("UPDATE apps SET status = 77 WHERE id = 1")
        try database.execute("UPDATE memberships SET role = 'king' WHERE user_id = 1")

        #expect(throws: DirectoryError.corrupt(table: "apps", reason: "app 1 has status 77")) {
            try fixture.directory.app(slug: "full")
        }
        #expect(
            throws: DirectoryError.corrupt(
                table: "memberships", reason: "user 1 has the role \"king\" in organization 1")
        ) { try fixture.directory.membership(userID: 1, organizationID: 1) }
        #expect(try fixture.directory.app(slug: "plain") != nil)
    }

    @Test func onlyOwnerAndGroupCanReadTheFile() throws {
        let fixture = try DirectoryFixture()

        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path)

        let mode = try #require(attributes[.posixPermissions] as? Int)
        #expect(mode & 0o137 == 0)
    }

    @Test func theWriteAheadLogRemainsWhenTheLastConnectionCloses() throws {
        let fixture = try DirectoryFixture()

        #expect(FileManager.default.fileExists(atPath: fixture.path + "-wal"))
        #expect(FileManager.default.fileExists(atPath: fixture.path + "-shm"))
    }

    @Test(
        arguments: [
            ("sqlite:/var/x.sqlite", "/var/x.sqlite"), ("sqlite:x.sqlite", "x.sqlite"), ("sqlite:", nil),
            ("postgres:localhost/x", nil), ("/var/x.sqlite", nil), ("", nil), ("SQLITE:/x", nil),
        ] as [(String, String?)])
    func theSettingIsSqliteAndAPath(text: String, path: String?) throws {
        let location = try? DirectoryLocation(parsing: text)

        #expect(location == path.map(DirectoryLocation.sqlite))
        if location != nil { #expect(location?.description == text) }
    }
}

@Suite struct SchemaMigrationTests {
    /// A file of the first version with a little of everything that the second one touches.
    private func makeFirstVersion(at path: String) throws {
        let database = try SQLiteDatabase(path: path, mode: .writing, busyTimeoutMilliseconds: 1000)
        try database.execute("PRAGMA journal_mode = WAL")
        try database.execute(DirectorySchema.migrations[0])
        try database.execute(
            """
            PRAGMA user_version = 1;
            INSERT INTO organizations VALUES (1, 'acme', 'Acme', 0);
            INSERT INTO users VALUES (4, 'proxy', '', '', 1, 0, 1);
            INSERT INTO apps VALUES (1, 'radar', 'Radar', 1, 2, 'uuid', NULL, NULL, 'https://example.com', NULL, 0, 1,
                'issue error', 'org:read', '{}', 1, 4, 'id', 'hush', '', 5, NULL, NULL);
            INSERT INTO installations VALUES (1, 1, 1, 'installation', 1, 6, NULL);
            INSERT INTO service_hooks VALUES (1, 1, 1, 'https://example.com', 'issue.created');
            INSERT INTO audit_entries VALUES (3, 1, 131, NULL, 'Sentry', 1, '{}', 7);
            """)
    }

    @Test func aFileOfTheFirstVersionKeepsItsRowsAndCanThenDoWhatTheSecondCan() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("directory.sqlite")
        try makeFirstVersion(at: path)
        let directory = SQLiteDirectory(path: path)
        #expect(throws: DirectoryError.olderSchema(location: path, found: 1, supported: DirectorySchema.version)) {
            try directory.check()
        }

        _ = try SQLiteDirectoryWriter(path: path)

        let app = try #require(try directory.app(slug: "radar"))
        #expect(app.events == ["issue", "error"])
        #expect(app.clientSecret == Secret("hush"))
        #expect(app.customHeaders.isEmpty && app.webhookTimeoutMilliseconds == nil && app.disablement == nil)
        #expect(try directory.installation(uuid: "installation")?.id == 1)
        #expect(try directory.serviceHook(installationID: 1, organizationID: 1)?.events == ["issue.created"])
        #expect(try directory.disable(appID: 1, reason: "broken", audit: .disabling()))
        #expect(try directory.document().auditEntries.map(\.id) == [3, 4])
        #expect(try directory.document().auditEntries.first?.date == Timestamp(microseconds: 7))
    }

    @Test func aFileOfTheFourthVersionKeepsItsAppsWhichCanThenHavePoliciesAndPreviousSecrets() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("directory.sqlite")
        try makeFirstVersion(at: path)
        let database = try SQLiteDatabase(path: path, mode: .writing, busyTimeoutMilliseconds: 1000)
        for migration in DirectorySchema.migrations[1..<4] { try database.execute(migration) }
        try database.execute(
            """
            PRAGMA user_version = 4;
            UPDATE apps SET webhook_timeout_ms = 700, disabled_at = 5, disabled_reason = 'r', disabled_events = 'issue';
            INSERT INTO app_headers VALUES (1, 0, 'X-Token', 'hush');
            """)

        _ = try SQLiteDirectoryWriter(path: path)

        let directory = SQLiteDirectory(path: path)
        let app = try #require(try directory.app(slug: "radar"))
        #expect(app.webhookTimeoutMilliseconds == 700 && app.customHeaders.map(\.name) == ["X-Token"])
        #expect(app.disablement?.reason == "r" && app.clientSecret == Secret("hush"))
        #expect(app.deliveryPolicy == nil && app.previousSecrets.isEmpty)
        _ = try directory.changeSettings(ofApp: 1, at: Timestamp(seconds: 8)) { settings in
            settings.deliveryPolicy = .standard
            settings.previousSecrets = [.init(secret: Secret("old"), validUntil: Timestamp(seconds: 9))]
            return .disabling()
        }
        #expect(try directory.app(slug: "radar")?.deliveryPolicy == .standard)
        #expect(try directory.app(slug: "radar")?.previousSecrets.map(\.secret) == [Secret("old")])
    }

    @Test func aPolicyThatThisProgramDoesNotKnowIsReported() throws {
        let fixture = try DirectoryFixture()
        let database = try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
        #expect(throws: SQLiteError.self) { try database.execute("UPDATE apps SET delivery_policy = 'fast'") }
        try database.execute("PRAGMA ignore_check_constraints = ON; UPDATE apps SET delivery_policy = 'fast'")

        #expect(
            throws: DirectoryError.corrupt(table: "apps", reason: "app 1 has the delivery policy \"fast\"")
        ) { try fixture.directory.app(slug: "full") }
    }

    @Test(arguments: [1, 99])
    func aChangeRefusesAFileOfAnotherVersion(version: Int) throws {
        let fixture = try DirectoryFixture()
        try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
            .execute("PRAGMA user_version = \(version)")

        let error = #expect(throws: DirectoryError.self) {
            try fixture.directory.disable(appID: 1, reason: "broken", audit: .disabling())
        }

        switch error {
        case .olderSchema?: #expect(version == 1)
        case .newerSchema?: #expect(version == 99)
        default: Issue.record("\(String(describing: error))")
        }
    }
}
