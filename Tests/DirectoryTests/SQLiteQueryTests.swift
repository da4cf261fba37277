import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct DirectoryQueryTests {
    @Test(arguments: DirectoryQuery.allCases)
    func everyLookUpIsAnsweredFromAnIndex(query: DirectoryQuery) throws {
        let fixture = try DirectoryFixture()
        let database = try SQLiteDatabase(path: fixture.path, mode: .reading, busyTimeoutMilliseconds: 1000)

        let plan = try database.rows("EXPLAIN QUERY PLAN " + query.sql, location: fixture.path) {
            row throws(DirectoryError) in row.text(3)
        }

        #expect(!plan.isEmpty)
        #expect(plan.allSatisfy { $0.hasPrefix("SEARCH ") && $0.contains(" USING ") }, "\(plan)")
    }
}
