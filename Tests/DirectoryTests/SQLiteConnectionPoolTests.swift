import Foundation
import Model
import System
import TestSupport
import Testing

@testable import Directory

@Suite struct SQLiteConnectionPoolTests {
    private let folder: TemporaryDirectory
    private let path: String
    private let opened = Lock(0)

    init() throws {
        folder = try TemporaryDirectory()
        path = folder.file("x.sqlite")
        try SQLiteDatabase(path: path, mode: .writing, busyTimeoutMilliseconds: 100)
            .execute("CREATE TABLE t (a INTEGER UNIQUE) STRICT; INSERT INTO t VALUES (1)")
    }

    /// A pool of one connection, which counts in `opened` how often it connects.
    private func pool(waitMilliseconds: Int32 = 10_000) -> SQLiteConnectionPool {
        let (path, opened) = (path, opened)
        return SQLiteConnectionPool(maximumCount: 1, waitMilliseconds: waitMilliseconds) {
            () throws(DirectoryError) in
            opened.withLock { $0 += 1 }
            do throws(SQLiteError) {
                return try SQLiteDatabase(path: path, mode: .updating, busyTimeoutMilliseconds: 0)
            } catch {
                throw .unavailable(location: path, reason: error.description)
            }
        }
    }

    /// Runs one change in a transaction on the pool's connection and gives the failure.
    private func change(_ sql: String, with pool: SQLiteConnectionPool) throws -> DirectoryError? {
        let path = path
        do throws(DirectoryError) {
            _ = try pool.withConnection { database throws(DirectoryError) in
                try database.transaction(failing: { DirectoryError(writing: $0, location: path) }) {
                    () throws(DirectoryError) in
                    do throws(SQLiteError) {
                        try database.run(sql)
                    } catch {
                        throw DirectoryError(writing: error, location: path)
                    }
                }
            }
        } catch {
            return error
        }
        return nil
    }

    @Test func anotherWritersLockDoesNotCostTheConnection() throws {
        let other = try SQLiteDatabase(path: path, mode: .updating, busyTimeoutMilliseconds: 100)
        try other.execute("BEGIN IMMEDIATE")
        let pool = pool()

        let refused = try change("INSERT INTO t VALUES (2)", with: pool)
        try other.execute("COMMIT")

        #expect(refused?.description.contains("database is locked") == true)
        #expect(try change("INSERT INTO t VALUES (2)", with: pool) == nil)
        #expect(opened.withLock(\.self) == 1)
    }

    @Test func aViolatedConstraintDoesNotCostTheConnection() throws {
        let pool = pool()

        #expect(try change("INSERT INTO t VALUES (1)", with: pool) != nil)

        #expect(try change("INSERT INTO t VALUES (2)", with: pool) == nil)
        #expect(opened.withLock(\.self) == 1)
    }

    @Test func aConnectionToACorruptFileIsClosedAndTheNextOneReadsTheRepairedFile() throws {
        let pool = pool()
        let repaired = try Data(contentsOf: URL(fileURLWithPath: path))
        try Data(repeating: 0x55, count: repaired.count).write(to: URL(fileURLWithPath: path))

        #expect(try change("INSERT INTO t VALUES (2)", with: pool) != nil)
        try repaired.write(to: URL(fileURLWithPath: path))

        #expect(try change("INSERT INTO t VALUES (2)", with: pool) == nil)
        #expect(opened.withLock(\.self) == 2)
    }

    @Test func aConnectionLeftInATransactionIsClosed() throws {
        let pool = pool()
        _ = try pool.withConnection { database throws(DirectoryError) in try? database.execute("BEGIN IMMEDIATE") }

        #expect(try change("INSERT INTO t VALUES (2)", with: pool) == nil)
        #expect(opened.withLock(\.self) == 2)
    }

    @Test func aThreadThatWaitsGetsTheConnectionThatIsReturned() throws {
        let pool = pool()
        let isWaiting = DispatchSemaphore(value: 0)
        let result = Lock<Int64?>(nil)
        let thread = Thread {
            isWaiting.signal()
            let found = try? pool.withConnection { database throws(DirectoryError) in
                try? database.integer("SELECT a FROM t")
            }
            result.withLock { $0 = (found ?? nil) ?? nil }
            isWaiting.signal()
        }

        _ = try pool.withConnection { _ throws(DirectoryError) in
            thread.start()
            isWaiting.wait()
        }
        isWaiting.wait()

        #expect(result.withLock(\.self) == 1)
        #expect(opened.withLock(\.self) == 1)
    }

    @Test func aThreadGivesUpWhenNoConnectionIsReturnedInTime() throws {
        let pool = pool(waitMilliseconds: 20)

        let inner = try pool.withConnection { _ throws(DirectoryError) in
            let start = MonotonicTime.now()
            let inner: Int? = try pool.withConnection { _ throws(DirectoryError) in 1 }
            #expect(start.millisecondsUntilNow >= 20)
            return inner
        }

        #expect(inner == .some(nil))
    }
}

@Suite struct SQLiteConcurrencyTests {
    @Test func moreThreadsThanConnectionsAllGetTheirResults() throws {
        let fixture = try DirectoryFixture(limits: .init(connectionCount: 2, waitMilliseconds: 20_000))
        let results = Lock<[Bool]>([])

        DispatchQueue.concurrentPerform(iterations: 16) { thread in
            for _ in 0..<50 {
                let app = try? fixture.directory.app(slug: thread % 2 == 0 ? "full" : "none")
                results.withLock { $0.append(thread % 2 == 0 ? app == .full : app == nil) }
            }
        }

        #expect(results.withLock { $0.count } == 800)
        #expect(results.withLock { $0.allSatisfy(\.self) })
    }

    @Test func aLookUpFailsWhenAllConnectionsAreBusyTooLong() throws {
        let fixture = try DirectoryFixture(limits: .init(connectionCount: 1, waitMilliseconds: 20))

        let error = try fixture.directory.withDatabase { _ throws(DirectoryError) in
            #expect(throws: DirectoryError.self) { try fixture.directory.app(slug: "full") }
        }

        #expect(error?.description.contains("all 1 connections were busy for 20 ms") == true)
        #expect(try fixture.directory.app(slug: "full") != nil)
    }

    @Test func aReaderDoesNotWaitForAnOpenTransactionNorSeeItsChanges() throws {
        let fixture = try DirectoryFixture(limits: .init(connectionCount: 1, waitMilliseconds: 20))
        let writer = try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
        try writer.execute("BEGIN IMMEDIATE; UPDATE apps SET name = 'changed' WHERE id = 1")

        #expect(try fixture.directory.app(slug: "full")?.name == SentryApp.full.name)
        try writer.execute("COMMIT")
        #expect(try fixture.directory.app(slug: "full")?.name == "changed")
    }
}
