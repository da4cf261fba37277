import Foundation
import Model
import System
import TestSupport
import Testing

@testable import Directory

@Suite struct SQLiteConcurrencyTests {
    @Test func moreThreadsThanConnectionsAllGetTheirAnswers() throws {
        let fixture = try DirectoryFixture(limits: .init(connectionCount: 2, waitMilliseconds: 20_000))
        let answers = Lock<[Bool]>([])

        DispatchQueue.concurrentPerform(iterations: 16) { thread in
            for _ in 0..<50 {
                let app = try? fixture.directory.app(slug: thread % 2 == 0 ? "full" : "none")
                answers.withLock { $0.append(thread % 2 == 0 ? app == .full : app == nil) }
            }
        }

        #expect(answers.withLock { $0.count } == 800)
        #expect(answers.withLock { $0.allSatisfy(\.self) })
    }

    @Test func whenAllConnectionsAreBusyTooLongTheLookUpFailsWithAReason() throws {
        let fixture = try DirectoryFixture(limits: .init(connectionCount: 1, waitMilliseconds: 20))

        let error = try fixture.directory.withDatabase { _ throws(DirectoryError) in
            #expect(throws: DirectoryError.self) { try fixture.directory.app(slug: "full") }
        }

        #expect(error?.description.contains("all 1 connections were busy for 20 ms") == true)
        #expect(try fixture.directory.app(slug: "full") != nil)
    }

    @Test func aReaderIsNotHeldUpByAWriterInTheMiddleOfItsTransactionAndSeesNothingOfIt() throws {
        let fixture = try DirectoryFixture(limits: .init(connectionCount: 1, waitMilliseconds: 20))
        let writer = try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
        try writer.execute("BEGIN IMMEDIATE; UPDATE apps SET name = 'changed' WHERE id = 1")

        #expect(try fixture.directory.app(slug: "full")?.name == SentryApp.full.name)
        try writer.execute("COMMIT")
        #expect(try fixture.directory.app(slug: "full")?.name == "changed")
    }
}
