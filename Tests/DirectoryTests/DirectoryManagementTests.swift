import Dispatch
import Model
import Synchronization
import TestSupport
import Testing

@testable import Directory

/// What the threads of a responder share to change a directory.
struct DirectoryManagementTests {
    private struct Failure: Error {}

    private static let management = DirectoryManagement(
        IncompleteDirectory(missing: []), at: .default, opener: IncompleteDirectoryOpener(findings: []),
        changes: DirectoryChanges())

    @Test func oneImportIsReadAtATimeAndTheNextOneAfterIt() {
        let management = Self.management

        let outcome = management.importing { management.importing { 1 } }

        #expect(outcome == .some(nil))
        #expect(throws: Failure.self) {
            try management.importing { () throws(Failure) in throw Failure() }
        }
        #expect(management.importing { 2 } == 2)
    }

    /// Caches in front of the directory drop what they have when a change was made, or may have been.
    @Test func aChangeIsNotedUnlessItWasRefused() throws {
        let changes = DirectoryChanges()
        let fixture = try DirectoryCase.sqlite.make()
        let management = DirectoryManagement(
            try fixture.writable(), at: .default, opener: IncompleteDirectoryOpener(findings: []), changes: changes)
        func change(_ body: (any DirectoryRows) throws(Failure) -> Void) throws(Failure) {
            try management.change(at: Timestamp(seconds: 0), failing: { _ in Failure() }, body)
        }

        #expect(throws: Failure.self) { try change { (_) throws(Failure) in throw Failure() } }
        #expect(changes.count == 0)
        try change { _ in }
        #expect(changes.count == 1)
    }

    /// The one in progress and one that waits for it; who comes third is told to repeat.
    @Test func oneChangeMayWaitForAnother() throws {
        let fixture = try DirectoryCase.postgreSQL.make()
        let management = DirectoryManagement(
            try fixture.writable(), at: .default, opener: IncompleteDirectoryOpener(findings: []),
            changes: DirectoryChanges())
        let outcomes = Mutex<[String]>([])
        let workers = DispatchGroup()
        @Sendable func change(_ body: () throws -> Void = {}) -> String {
            do {
                try management.change(at: Timestamp(seconds: 0), failing: { $0 as any Error }) { (_) throws in
                    try body()
                }
                return "made"
            } catch {
                return "\(error)".contains("other changes are in progress") ? "refused" : "\(error)"
            }
        }

        for _ in 1...2 {
            outcomes.withLock { $0 = [] }
            let outcome = change {
                for _ in 1...2 {
                    DispatchQueue.global().async(group: workers) {
                        let outcome = change()
                        outcomes.withLock { $0.append(outcome) }
                    }
                }
                try waitUntil("one is refused") { outcomes.withLock { $0 } == ["refused"] }
            }
            workers.wait()
            #expect(outcome == "made")
            #expect(outcomes.withLock { $0 } == ["refused", "made"])
        }
    }

    /// Whether it was made is not known.
    @Test func aChangeThatTheStoreFailsIsNoted() {
        let changes = DirectoryChanges()
        let management = DirectoryManagement(
            IncompleteDirectory(missing: []), at: .default, opener: IncompleteDirectoryOpener(findings: []),
            changes: changes)

        #expect(throws: DirectoryError.self) {
            try management.change(at: Timestamp(seconds: 0), failing: { $0 }) { (_) throws(DirectoryError) in }
        }
        #expect(changes.count == 1)
    }
}
