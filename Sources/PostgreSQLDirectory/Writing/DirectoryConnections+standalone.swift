import Directory
import PostgreSQL
import System

extension DirectoryConnections {
    /// Runs `body` in a transaction that holds the lock of all changes, on tables that are Hookline's.
    ///
    /// - Parameters:
    ///   - limit: of the whole transaction.
    ///   - lock: how long the lock is waited for.
    ///   - keys: their file is read again under the lock.
    func withStandaloneTables<Result, Failure: Error>(
        within limit: Duration, lock: Duration, keys: SecretKeyFile, failing: (DirectoryError) -> Failure,
        _ body: (DirectoryTransaction, TableFacts) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withTransaction(within: limit, failing: failing) { (transaction) throws(Failure) in
            let facts: TableFacts
            do throws(DirectoryError) {
                try transaction.beginLong(lockMilliseconds: lock.milliseconds)
                try transaction.query(
                    "SELECT pg_advisory_xact_lock($1::bigint)", .integer(HooklineSchema.advisoryLock))
                keys.beginChange()
                facts = try transaction.facts()
                try facts.checkVersion(location)
                try facts.requireStandalone(location)
            } catch {
                throw failing(error)
            }
            return try body(transaction, facts)
        }
    }
}
