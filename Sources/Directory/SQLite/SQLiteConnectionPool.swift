import System

/// A bounded number of connections to one database, which threads acquire for a lookup.
///
/// Each is used by one thread at a time. Idle connections stay open with their prepared statements; one that can no
/// longer be used (`SQLiteDatabase.isReusable`) is closed and replaced by a new one at the next use.
final class SQLiteConnectionPool: Sendable {
    /// Passes a connection from one thread to the next. Unchecked because one thread at a time has each: `acquire`
    /// removes it from `State.idle` under the lock, and only `release` puts it back.
    private struct Idle: @unchecked Sendable {
        let database: SQLiteDatabase
    }

    private struct State {
        var idle: [Idle] = []
        /// Connections that may be acquired, those not opened yet included.
        var availableCount: Int
    }

    /// An acquired slot: an open connection, or the right to open one.
    private enum Slot {
        case open(Idle)
        case empty
    }

    private let state: Condition<State>
    private let wait: Duration
    private let connect: @Sendable () throws(DirectoryError) -> SQLiteDatabase

    /// - Parameters:
    ///   - maximumCount: at most this many connections are open; further threads wait.
    ///   - waitMilliseconds: how long a thread waits for one.
    ///   - connect: opens a connection and checks that it can be used.
    init(
        maximumCount: Int, waitMilliseconds: Int32,
        connect: @escaping @Sendable () throws(DirectoryError) -> SQLiteDatabase
    ) {
        state = Condition(State(availableCount: max(1, maximumCount)))
        wait = .milliseconds(waitMilliseconds)
        self.connect = connect
    }

    /// Runs `body` with a connection; nil when none became available in time.
    func withConnection<Result>(
        _ body: (SQLiteDatabase) throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result? {
        guard let slot = acquire() else { return nil }
        var acquired: Idle?
        defer { release(acquired) }
        let connection =
            switch slot {
            case .open(let idle): idle
            case .empty: Idle(database: try connect())
            }
        acquired = connection
        return try body(connection.database)
    }

    private func acquire() -> Slot? {
        // Most threads find one available: only the others need a deadline.
        state.withLock(SQLiteConnectionPool.take)
            ?? ThreadWait.announce { state.wait(until: .now().adding(wait), SQLiteConnectionPool.take) }
    }

    private static func take(_ state: inout State) -> Slot? {
        guard state.availableCount > 0 else { return nil }
        state.availableCount -= 1
        return state.idle.popLast().map(Slot.open) ?? .empty
    }

    /// - Parameter connection: nil when none could be opened.
    private func release(_ connection: Idle?) {
        let isReusable = connection?.database.isReusable ?? false
        state.change { state in
            state.availableCount += 1
            if let connection, isReusable { state.idle.append(connection) }
            return true
        }
    }
}
