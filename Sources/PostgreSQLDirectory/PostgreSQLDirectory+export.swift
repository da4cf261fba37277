package import Directory
import PostgreSQL
import System

extension PostgreSQLDirectory {
    /// A snapshot of the whole directory, rows ordered by key. Of a running original, the events and the audit log are
    /// left out; the entries of Hookline's own log are there.
    package func document() throws(DirectoryError) -> DirectoryDocument {
        let limits = connections.limits
        return try connections.withTransaction(within: limits.wholeDirectory, mode: .snapshot, failing: { $0 }) {
            (transaction) throws(DirectoryError) in
            try transaction.beginLong(lockMilliseconds: limits.lock.milliseconds)
            let facts = try transaction.facts()
            try facts.checkVersion(connections.location)
            if let missing = facts.missing(DocumentReader.columns(facts), location: connections.location) {
                throw missing
            }
            return try DocumentReader(transaction: transaction, facts: facts, keys: keys).document()
        }
    }
}
