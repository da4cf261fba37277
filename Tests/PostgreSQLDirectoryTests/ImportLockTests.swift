import Directory
import Model
import PostgreSQL
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// Imports, and changes by running programs, exclude each other.
@Suite struct ImportLockTests {
    private let database: PostgreSQLDatabase
    private let directory: PostgreSQLDirectory
    private let writer: PostgreSQLDirectoryWriter

    init() throws {
        database = try .standalone()
        let limits = DirectoryConnections.Limits(change: .seconds(2), lock: .milliseconds(100))
        directory = try OriginalFixture.directory(database, limits: limits)
        let pool = PostgreSQLPool(address: try database.address(user: "postgres"))
        writer = PostgreSQLDirectoryWriter(
            DirectoryConnections(pool: pool, limits: .init(change: .milliseconds(100))))
        try writer.importDocument(Self.document, isReplacing: false, at: Timestamp(seconds: 1))
    }

    private static var document: DirectoryDocument {
        var document = DirectoryDocument()
        document.organizations = [Organization(id: OriginalFixture.owner, slug: "acme", name: "Acme")]
        document.apps = [
            DirectoryDocument.AppEntry(
                app: SentryApp(
                    id: 1, slug: "app", name: "App", ownerID: OriginalFixture.owner, status: .internal, uuid: "uuid",
                    events: ["issue"]), dateAdded: nil, components: [])
        ]
        return document
    }

    @Test func whileAnImportRunsAppsAreReadButNotDisabled() throws {
        let other = try database.connection()
        try other.execute("BEGIN")
        try other.execute("SELECT pg_advisory_xact_lock(\(HooklineSchema.advisoryLock))")

        let error = #expect(throws: DirectoryError.self) {
            try directory.disable(appID: 1, reason: "x", audit: .disabling())
        }

        guard case .unavailable = error else { throw TestSupportError("\(error as Any)") }
        #expect(try directory.app(id: 1)?.events == ["issue"])
        try other.execute("COMMIT")
        #expect(try directory.disable(appID: 1, reason: "x", audit: .disabling()))
    }

    @Test func whileAnAppIsBeingDisabledNothingIsImported() throws {
        let other = try database.connection()
        try other.execute("BEGIN")
        try other.execute("SELECT pg_advisory_xact_lock_shared(\(HooklineSchema.advisoryLock))")

        let error = #expect(throws: DirectoryImportError.self) {
            try writer.importDocument(Self.document, isReplacing: true, at: .now())
        }

        guard case .directory(.unavailable) = error else { throw TestSupportError("\(error as Any)") }
        try other.execute("COMMIT")
        #expect(throws: Never.self) {
            try writer.importDocument(Self.document, isReplacing: true, at: .now())
        }
    }

    @Test func appsAreDisabledBesideEachOther() throws {
        let other = try database.connection()
        try other.execute("BEGIN")
        try other.execute("SELECT pg_advisory_xact_lock_shared(\(HooklineSchema.advisoryLock))")

        #expect(try directory.disable(appID: 1, reason: "x", audit: .disabling()))
    }

    @Test func numbersOfAuditEntriesGoOnAfterThoseOfAnImport() throws {
        var document = Self.document
        document.auditEntries = [
            AuditEntry(id: 41, organizationID: 1, event: 131, actorLabel: "", date: Timestamp(seconds: 1))
        ]
        try writer.importDocument(document, isReplacing: false, at: .now())

        #expect(try directory.disable(appID: 1, reason: "x", audit: .disabling()))

        #expect(try directory.document().auditEntries.map(\.id) == [41, 42])
    }
}
