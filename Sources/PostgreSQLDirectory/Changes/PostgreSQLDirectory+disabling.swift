package import Directory
package import Model
import PostgreSQL
import System

/// The changes that delivery makes: the same on the original's tables and on a stand-alone directory's.
///
/// Each locks the app's row first, so that of several processes and threads that make the same change, one does; and it
/// shares the lock that an import holds alone.
extension PostgreSQLDirectory {
    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        try change { (change) throws(DirectoryError) in
            guard let app = try change.lock(appID: appID), !app.isDisabled else { return false }
            try change.clearSubscriptions(of: appID)
            try change.transaction.query(
                """
                INSERT INTO hookline.disabled_apps (app_id, disabled_at, reason, events)
                VALUES ($1::bigint, $2::timestamptz, $3::text, $4::text[])
                """, .integer(appID), .timestamp(audit.date), .text(reason), .textArray(app.events))
            try change.insert(audit)
            try change.record(RowKey(.apps, String(appID)), at: audit.date)
            if notifies {
                try change.transaction.query(
                    """
                    INSERT INTO hookline.disabling_notices (app_id, organization_id, reason, date)
                    VALUES ($1::bigint, $2::bigint, $3::text, $4::timestamptz)
                    """, .integer(appID), .integer(audit.organizationID), .text(reason), .timestamp(audit.date))
            }
            return true
        }
    }

    package func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        try change { (change) throws(DirectoryError) in
            guard let app = try change.lock(appID: appID), app.isFlagged else { return false }
            try change.restoreSubscriptions(of: appID)
            try change.transaction.query(
                "DELETE FROM hookline.disabled_apps WHERE app_id = $1::bigint", .integer(appID))
            try change.transaction.query(
                "DELETE FROM hookline.disabling_notices WHERE app_id = $1::bigint", .integer(appID))
            try change.insert(audit)
            try change.record(RowKey(.apps, String(appID)), at: audit.date)
            return true
        }
    }

    package func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {
        try change { (change) throws(DirectoryError) in try change.insert(audit) }
    }

    package func completeNotice(id: Int64) throws(DirectoryError) {
        let facts = try facts().facts
        try connections.withTransaction(within: connections.limits.change, failing: { $0 }) {
            (transaction) throws(DirectoryError) in
            try facts.requireHookline(connections.location)
            try transaction.query("DELETE FROM hookline.disabling_notices WHERE id = $1::bigint", .integer(id))
        }
    }

    /// Runs `body` in a transaction. The rights are checked first, so that a missing one is named. When the tables have
    /// changed in the meantime, everything is done once more.
    private func change<Result>(
        _ body: (DirectoryChange) throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result {
        let known = try facts()
        do throws(DirectoryError) {
            return try change(known.facts, body)
        } catch {
            guard case .unavailable = error else { throw error }
            let now = try freshFacts()
            guard now.facts.has(Tables.app, "is_disabled") != known.facts.has(Tables.app, "is_disabled") else {
                throw error
            }
            return try change(now.facts, body)
        }
    }

    private func change<Result>(
        _ facts: TableFacts, _ body: (DirectoryChange) throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result {
        try facts.requireHookline(connections.location)
        if let missing = DirectoryChange.missingRight(facts, location: connections.location) { throw missing }
        return try connections.withTransaction(within: connections.limits.change, failing: { $0 }) {
            (transaction) throws(DirectoryError) in
            let change = DirectoryChange(transaction: transaction, facts: facts)
            try change.begin(lockMilliseconds: connections.limits.lock.milliseconds)
            return try body(change)
        }
    }
}

extension TableFacts {
    /// Throws unless the schema `hookline` is there and may be used.
    func requireHookline(_ location: String) throws(DirectoryError) {
        if let missing = missing([.notices] + TableColumns.appState, location: location) { throw missing }
    }
}
