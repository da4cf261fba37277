import Model
import TestSupport
import Testing

@testable import Directory

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
        #expect(throws: DirectoryError.olderSchema(location: path, found: 1, supported: 2)) { try directory.check() }

        _ = try SQLiteDirectoryWriter(path: path)

        let app = try #require(try directory.app(slug: "radar"))
        #expect(app.events == ["issue", "error"])
        #expect(app.clientSecret == Secret("hush"))
        #expect(app.customHeaders.isEmpty && app.webhookTimeoutMilliseconds == nil && app.disablement == nil)
        #expect(try directory.installation(uuid: "installation")?.id == 1)
        #expect(try directory.serviceHook(installationID: 1, organizationID: 1)?.events == ["issue.created"])
        #expect(try directory.disable(appID: 1, reason: "broken", audit: .disabling()))
        #expect(try directory.document().auditEntries.map(\.id) == [3, 4])
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
