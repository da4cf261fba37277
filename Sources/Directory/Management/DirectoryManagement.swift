package import Model
import System

/// How a program that responds to requests changes its directory: the same for all of its threads. It opens what it
/// needs when something is changed for the first time.
package final class DirectoryManagement: Sendable {
    private let directory: any DirectoryDatabase
    private let location: DirectoryLocation
    private let opener: any DirectoryOpening
    private let secretKeys: SecretKeyFile
    private let changes: DirectoryChanges
    private let isImporting = Lock(false)
    private let changesInProgress = Lock(0)
    /// The most changes at a time, waiting ones included: each takes a thread and a connection from requests that only
    /// read.
    private static let maximumChanges = 2

    /// - Parameters:
    ///   - directory: the directory at `location`.
    ///   - changes: that of the caches in front of it.
    package init(
        _ directory: any DirectoryDatabase, at location: DirectoryLocation, opener: any DirectoryOpening,
        secretKeys: SecretKeyFile = .none, changes: DirectoryChanges
    ) {
        self.directory = directory
        self.location = location
        self.opener = opener
        self.secretKeys = secretKeys
        self.changes = changes
    }

    /// Why this program cannot change the directory; nil when it can.
    package func problem() throws(DirectoryError) -> DirectoryError? { try directory.managementProblem() }

    /// The app as it is now, and when it was last changed; nil when it changed while it was read.
    package func currentApp(id: Int64) throws(DirectoryError) -> (app: SentryApp, changedAt: Timestamp?)? {
        let key = RowKey(.apps, String(id))
        let before = try directory.lastChange(of: key)
        guard let app = try directory.app(id: id), try directory.lastChange(of: key) == before else { return nil }
        return (app, before)
    }

    /// The organization's installations that are not deleted, ordered by id; at most `limit`.
    package func installations(organizationID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try directory.installations(organizationID: organizationID, limit: limit)
    }

    /// A snapshot of the whole directory.
    package func document() throws(DirectoryError) -> DirectoryDocument { try directory.document() }

    /// Runs `body` in one transaction (`ManagedDirectory.changeRows`), after which nothing that was cached before is
    /// valid, unless `body` throws.
    package func change<Result, Failure: Error>(
        at now: Timestamp, failing: (DirectoryError) -> Failure,
        _ body: (any DirectoryRows) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let isAdmitted = changesInProgress.withLock { count in
            guard count < Self.maximumChanges else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            throw failing(.unavailable(location: location.description, reason: "other changes are in progress"))
        }
        // What the body refuses is rolled back. Of any other error it is not certain.
        var isRefused = false
        defer {
            changesInProgress.withLock { $0 -= 1 }
            if !isRefused { changes.note() }
        }
        return try directory.changeRows(at: now, failing: failing) { (rows) throws(Failure) in
            do throws(Failure) {
                return try body(rows)
            } catch {
                isRefused = true
                throw error
            }
        }
    }

    /// Runs `body`, which reads a document and imports it, unless another thread does so: each needs many times the
    /// memory of its document.
    ///
    /// - Returns: nil when another import is in progress.
    package func importing<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        let isFree = isImporting.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else { return nil }
        defer { isImporting.withLock { $0 = false } }
        return try body()
    }

    /// Imports a document (`DirectoryWriter.importDocument`). A directory that does not exist is not made.
    package func importDocument(
        _ options: DirectoryImportOptions, at now: @autoclosure () -> Timestamp,
        document: (DirectoryDocument) throws(DirectoryImportError) -> DirectoryDocument,
        confirm: (DirectoryImportResult) -> Bool
    ) throws(DirectoryImportError) -> DirectoryImportResult {
        defer { changes.note() }
        let writer: any DirectoryWriter
        do throws(DirectoryError) {
            try directory.check()
            writer = try opener.openForWriting(location, secretKeys: secretKeys)
        } catch {
            throw .directory(error)
        }
        return try writer.importDocument(options, at: now(), document: document, confirm: confirm)
    }
}
