/// Why a Redis call failed. In each case nothing is known about the stored data.
package enum RedisError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection to `server` could be made, or the last attempt was too recent for another.
    case unreachable(server: String, reason: String)
    /// The deadline passed before the replies were complete.
    case timedOut(server: String, milliseconds: Int)
    /// The connection was lost during a call; whether Redis executed it is unknown.
    case connectionLost(server: String, reason: String)
    /// Redis refused a command (`OOM …`, `WRONGTYPE …`, `LOADING …`, `NOAUTH …`) about `key`, if known.
    case refused(key: String?, message: String)
    /// Redis sent something that is not a reply to the command.
    case unexpectedReply(String)

    package var description: String {
        switch self {
        case .unreachable(let server, let reason): "cannot reach Redis at \(server): \(reason)"
        case .timedOut(let server, let milliseconds): "Redis at \(server) did not respond within \(milliseconds) ms"
        case .connectionLost(let server, let reason): "lost the connection to Redis at \(server): \(reason)"
        case .refused(let key?, let message): "Redis refused a command on key \(key): \(message)"
        case .refused(nil, let message): "Redis refused a command: \(message)"
        case .unexpectedReply(let what): "unexpected reply from Redis: \(what)"
        }
    }

    /// Whether Redis refuses everything at the moment, for a reason that ends by itself: it starts, executes a long
    /// script, waits for its master, or moves keys to another node.
    package static func isTransient(reply message: String) -> Bool {
        ["LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"].contains { message.hasPrefix($0) }
    }

    /// Whether Redis may have executed the commands although their replies are not known.
    package var mayHaveBeenExecuted: Bool {
        switch self {
        case .timedOut, .connectionLost, .unexpectedReply: true
        case .unreachable, .refused: false
        }
    }

    /// Whether Redis responded, if only with a refusal.
    package var isResponse: Bool {
        switch self {
        case .refused, .unexpectedReply: true
        case .unreachable, .timedOut, .connectionLost: false
        }
    }

    /// What happened, without the server's name.
    package var reason: String {
        switch self {
        case .unreachable(_, let reason), .connectionLost(_, let reason): reason
        case .timedOut(_, let milliseconds): "no response within \(milliseconds) ms"
        case .refused(_, let message): message
        case .unexpectedReply(let what): what
        }
    }
}

/// Errors and reconnects of one connection since it was created.
package struct RedisCounts: Hashable, Sendable {
    /// Calls without a connection, including those made too soon after a failed attempt.
    package private(set) var unreachable: Int64 = 0
    package private(set) var timedOut: Int64 = 0
    package private(set) var connectionLost: Int64 = 0
    /// Calls whose replies held an error.
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

    /// Adds the counts of another connection.
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

    /// - Parameter message: the first error reply. An unknown script is not a failure: it is sent again.
    mutating func count(errorReply message: String) {
        if !message.hasPrefix("NOSCRIPT") { refused += 1 }
    }

    mutating func countReconnect() {
        reconnects += 1
    }
}
