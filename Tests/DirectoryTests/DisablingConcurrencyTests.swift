import Foundation
import Model
import System
import TestSupport
import Testing

@testable import Directory

@Suite struct DisablingConcurrencyTests {
    @Test(arguments: DirectoryCase.allCases) func ofManyThreadsOfTwoProgramsOneDisablesOneEntryOneNotice(
        kind: DirectoryCase
    ) throws {
        let fixture = try kind.make()
        let directories = try (0..<2).map { _ in try fixture.another() }
        let results = Lock<[Bool?]>([])

        DispatchQueue.concurrentPerform(iterations: 24) { thread in
            let isDone = try? directories[thread % 2].disable(
                appID: 1, reason: "thread \(thread)", audit: .disabling())
            results.withLock { $0.append(isDone) }
        }

        #expect(results.withLock { $0.count { $0 == true } } == 1)
        #expect(results.withLock { $0.count { $0 == false } } == 23)
        let document = try fixture.directory.document()
        #expect(document.auditEntries.count == 2)
        #expect(try fixture.directory.pendingNotices(limit: 10).count == 1)
    }

    @Test(arguments: DirectoryCase.allCases)
    func disablingAndEnablingByTurnsFromManyThreadsLosesNoSubscriptionAndNoEntry(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let directories = try (0..<2).map { _ in try fixture.another() }
        let changes = Lock((disabled: 0, enabled: 0, failed: 0))

        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for _ in 0..<10 {
                let directory = directories[thread % 2]
                let isDisabling = thread % 4 < 2
                let isDone =
                    isDisabling
                    ? try? directory.disable(appID: 1, reason: "broken", audit: .disabling())
                    : try? directory.enable(appID: 1, audit: .enabling())
                changes.withLock { changes in
                    switch isDone {
                    case true?: if isDisabling { changes.disabled += 1 } else { changes.enabled += 1 }
                    case false?: break
                    case nil: changes.failed += 1
                    }
                }
            }
        }
        _ = try fixture.directory.enable(appID: 1, audit: .enabling())

        let (disabled, enabled, failed) = changes.withLock { $0 }
        #expect(failed == 0)
        #expect(disabled > 0 && (disabled - enabled == 0 || disabled - enabled == 1))
        #expect(try fixture.directory.app(id: 1) == .full)
        #expect(try fixture.directory.document().auditEntries.count == 1 + disabled * 2)
        #expect(try fixture.directory.pendingNotices(limit: 10).isEmpty)
    }

    @Test func aChangeFailsWhileAnotherWriterHasTheLockAndTheNextOneWorks() throws {
        let fixture = try DirectoryFixture(limits: .init(writeWaitMilliseconds: 20))
        let other = try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
        try other.execute("BEGIN IMMEDIATE")

        let error = #expect(throws: DirectoryError.self) {
            try fixture.directory.disable(appID: 1, reason: "broken", audit: .disabling())
        }

        #expect(error?.description.contains("database is locked") == true)
        try other.execute("COMMIT")
        #expect(try fixture.directory.disable(appID: 1, reason: "broken", audit: .disabling()))
    }

    @Test func aChangeWaitsForAnotherWriterThatEndsInTime() throws {
        let fixture = try DirectoryFixture()
        let other = try SQLiteDatabase(path: fixture.path, mode: .writing, busyTimeoutMilliseconds: 1000)
        try other.execute("BEGIN IMMEDIATE; UPDATE apps SET events = 'comment' WHERE id = 1")
        let outcome = Lock<Bool?>(nil)
        let directory = fixture.directory
        let thread = Thread {
            let isDone = try? directory.disable(appID: 1, reason: "broken", audit: .disabling())
            outcome.withLock { $0 = isDone ?? false }
        }
        thread.start()

        try other.execute("COMMIT")

        try waitUntil("the change is made") { outcome.withLock { $0 != nil } }
        #expect(outcome.withLock { $0 } == true)
        #expect(try fixture.directory.app(id: 1)?.disablement?.events == ["comment"])
    }
}
