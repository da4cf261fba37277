/// Why the directory could not answer.
package enum DirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The store at `location` cannot be opened or read.
    case unavailable(location: String, reason: String)
    /// The store was written by a newer version of Hookline than this one.
    case newerSchema(location: String, found: Int, supported: Int)
    /// The store's tables are those of an older version, or there are none: opening for reading never changes them.
    case olderSchema(location: String, found: Int, supported: Int)
    /// A row holds something that this version cannot read.
    case corrupt(table: String, reason: String)
    /// A write was refused: a name is taken, a reference leads nowhere.
    case conflict(reason: String)

    package var description: String {
        switch self {
        case .unavailable(let location, let reason): "cannot use the directory \(location): \(reason)"
        case .newerSchema(let location, let found, let supported):
            "the directory \(location) has schema \(found), this program knows up to \(supported): use a newer Hookline"
        case .olderSchema(let location, let found, let supported):
            "the directory \(location) has schema \(found), this program needs \(supported): "
                + "run 'hookline directory migrate'"
        case .corrupt(let table, let reason): "the directory's table \(table) holds something unreadable: \(reason)"
        case .conflict(let reason): "the directory refused the change: \(reason)"
        }
    }
}
