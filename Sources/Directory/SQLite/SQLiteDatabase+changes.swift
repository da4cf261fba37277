import Model

/// The record of when each row was last changed, by which an import recognizes what it would undo.
///
/// Every program that writes the directory keeps it: a row that is added, changed or removed gets the time of that.
/// Keys of removed rows stay. Two changes of a row never have the same time, so that it can serve as a version.
extension SQLiteDatabase {
    func recordChange(of key: RowKey, at time: Timestamp) throws(SQLiteError) {
        try run(
            """
            INSERT INTO row_changes (kind, key, changed_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (kind, key) DO UPDATE SET changed_at = max(changed_at + 1, excluded.changed_at)
            """,
            .text(key.kind.rawValue), .text(key.text), .integer(time.microseconds))
    }

    /// Nil when the row has not been changed since changes are recorded.
    func lastChange(of key: RowKey) throws(SQLiteError) -> Timestamp? {
        try integer(
            "SELECT changed_at FROM row_changes WHERE kind = ?1 AND key = ?2", .text(key.kind.rawValue),
            .text(key.text)
        ).map(Timestamp.init(microseconds:))
    }
}
