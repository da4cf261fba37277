import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct SQLiteWriterTests {
    @Test func aWriterFailsWhileAnotherOneHasTheLock() throws {
        let fixture = try DirectoryFixture()
        let other = try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 100)
        let writer = try SQLiteDirectoryWriter(path: fixture.path, waitMilliseconds: 50)
        try other.execute("BEGIN IMMEDIATE")

        let error = #expect(throws: DirectoryImportError.self) {
            try writer.importDocument(.sample, isReplacing: false, at: .now())
        }

        guard case .directory(let reason) = error else { throw TestSupportError("\(error as Any)") }
        #expect(reason.description.contains("database is locked"))
        #expect(try fixture.directory.app(slug: "full") != nil)
    }
}
