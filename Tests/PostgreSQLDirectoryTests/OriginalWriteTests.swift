import Directory
import Model
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// The original's tables are changed by nobody but the original, whatever the role may do.
@Suite struct OriginalWriteTests {
    private static func writer(_ fixture: OriginalFixture) throws -> PostgreSQLDirectoryWriter {
        PostgreSQLDirectoryWriter(address: try fixture.database.address(user: "postgres"))
    }

    private static func expectUntouched(
        _ fixture: OriginalFixture, _ call: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try fixture.directory.document()
        let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try call() }
        let reason: DirectoryError? =
            if case .directory(let reason) = error as? DirectoryImportError { reason } else {
                error as? DirectoryError
            }
        guard case .readOnlyTables = reason else {
            Issue.record("\(error as Any)", sourceLocation: sourceLocation)
            return
        }
        #expect(try fixture.directory.document() == before, sourceLocation: sourceLocation)
    }

    @Test(arguments: [false, true]) func anImportIsRefusedAlsoForTheSuperuser(isReplacing: Bool) throws {
        let fixture = try OriginalFixture()
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 5, slug: "new", name: "New")]

        try Self.expectUntouched(fixture) {
            try Self.writer(fixture).importDocument(document, isReplacing: isReplacing, at: .now())
        }
    }

    @Test func tokensAreNeitherAddedNorRemoved() throws {
        let fixture = try OriginalFixture()
        let entry = DirectoryDocument.TokenEntry(
            digest: TokenDigest(hashing: "0123456789abcdef"), userID: 8250, scopes: [])

        try Self.expectUntouched(fixture) { _ = try Self.writer(fixture).addToken(entry, at: .now()) { _ in [] } }
        try Self.expectUntouched(fixture) { try Self.writer(fixture).removeTokens(ids: [1], at: .now(), audit: []) }
    }

    @Test func aMarkInADatabaseWithTheOriginalsMigrationsDoesNotCount() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            "CREATE TABLE django_migrations (id int); UPDATE hookline.directory SET is_standalone = true")

        let error = #expect(throws: DirectoryImportError.self) {
            try Self.writer(fixture).importDocument(DirectoryDocument(), isReplacing: true, at: .now())
        }

        guard case .directory(.readOnlyTables) = error else { throw TestSupportError("\(error as Any)") }
        #expect(try fixture.directory.user(id: 8250) != nil)
    }

    @Test func anEmptyDatabaseIsNotWrittenButPrepared() throws {
        let database = try PostgreSQLDatabase()
        let writer = PostgreSQLDirectoryWriter(address: try database.address(user: "postgres"))

        let error = #expect(throws: DirectoryImportError.self) {
            try writer.importDocument(DirectoryDocument(), isReplacing: false, at: .now())
        }

        guard case .directory(let reason) = error else { throw TestSupportError("\(error as Any)") }
        #expect(reason.description.contains("hookline directory migrate --standalone"))
    }
}
