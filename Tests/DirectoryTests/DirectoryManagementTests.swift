import Model
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

    /// Caches in front of the directory drop what they have, whether or not the change succeeds.
    @Test func eachChangeIsNoted() {
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
