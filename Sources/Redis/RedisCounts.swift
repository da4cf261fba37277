/// What went wrong on a connection to Redis since it was made.
package struct RedisCounts: Hashable, Sendable {
    /// Calls without an answer: no connection, or the last attempt to make one was too recent.
    package private(set) var unreachable: Int64 = 0
    package private(set) var timedOut: Int64 = 0
    package private(set) var connectionLost: Int64 = 0
    /// Calls with an answer that was, or held, an error.
    package private(set) var refused: Int64 = 0
    package private(set) var unexpectedReply: Int64 = 0
    /// Connections made after the first.
    package private(set) var reconnects: Int64 = 0

    package init() {}

    /// The errors by kind, in the order they are shown.
    package var errors: [(kind: String, count: Int64)] {
        [
            ("unreachable", unreachable), ("timed_out", timedOut), ("connection_lost", connectionLost),
            ("refused", refused), ("unexpected_reply", unexpectedReply),
        ]
    }

    /// Adds what was counted on another connection.
    package mutating func add(_ other: RedisCounts) {
        unreachable += other.unreachable
        timedOut += other.timedOut
        connectionLost += other.connectionLost
        refused += other.refused
        unexpectedReply += other.unexpectedReply
        reconnects += other.reconnects
    }

    mutating func count(_ error: RedisError) {
        switch error {
        case .unreachable: unreachable += 1
        case .timedOut: timedOut += 1
        case .connectionLost: connectionLost += 1
        case .refused: refused += 1
        case .unexpectedReply: unexpectedReply += 1
        }
    }

    /// - Parameter message: the first error of an answer. That a script is not known yet is no failure: it is sent again.
    mutating func count(errorReply message: String) {
        if !message.hasPrefix("NOSCRIPT") { refused += 1 }
    }

    mutating func countReconnect() {
        reconnects += 1
    }
}
