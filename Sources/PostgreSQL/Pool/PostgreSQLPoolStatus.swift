/// A pool at one moment.
package struct PostgreSQLPoolStatus: Hashable, Sendable {
    package let idleCount: Int
    /// Connections that threads have or open.
    package let acquiredCount: Int
    /// Why the last attempt to connect failed; nil after a success.
    package let lastFailure: PostgreSQLError?
    package let counts: PostgreSQLCounts
}

/// What happened to a pool since it was made.
package struct PostgreSQLCounts: Hashable, Sendable {
    /// Connections made.
    package var connections: Int64 = 0
    package var connectFailures: Int64 = 0
    /// Idle connections that the server had closed, found before they were used.
    package var foundClosed: Int64 = 0
    /// Statements repeated on a new connection, because the server had closed the idle one.
    package var repeats: Int64 = 0
    package var timedOut: Int64 = 0
    package var connectionLost: Int64 = 0
    /// Other errors of statements.
    package var refused: Int64 = 0

    package init() {}
}
