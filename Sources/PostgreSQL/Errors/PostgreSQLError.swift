/// Why a call of PostgreSQL failed. No message contains a password or a value of a row.
package enum PostgreSQLError: Error, Hashable, Sendable {
    /// What a call waited for when its deadline passed.
    package enum Step: String, Hashable, Sendable {
        /// A connection of the pool.
        case connection
        /// The response to a statement.
        case response
        /// Any response to the threads that have all connections of the pool.
        case otherResponses
    }

    /// One attempt to connect.
    package struct Attempt: Hashable, Sendable, CustomStringConvertible {
        /// `host:port`, with the address in parentheses if the host is a name.
        package let server: String
        package let reason: String

        package init(server: String, reason: String) {
            self.server = server
            self.reason = reason
        }

        package var description: String { "\(server): \(reason)" }
    }

    /// No server could be used; why, for each address that was tried.
    case unreachable([Attempt])
    /// The server refused user, password or certificate (28000, 28P01), or asked for a password and there is none.
    case authentication(PostgreSQLServerMessage)
    /// 53300, also a role's or database's own limit.
    case tooManyConnections(PostgreSQLServerMessage)
    /// The deadline passed; a connection that waited for a response is closed.
    case deadline(Step, milliseconds: Int)
    /// The connection was lost during a statement that changes nothing, or in a transaction, which is rolled back.
    case connectionLost(reason: String)
    /// 42501: the role may not do this; the message names the table or schema.
    case insufficientPrivilege(PostgreSQLServerMessage)
    /// 42703
    case undefinedColumn(PostgreSQLServerMessage)
    /// 42P01
    case undefinedTable(PostgreSQLServerMessage)
    /// 25006: a standby server, or a read-only transaction.
    case readOnly(PostgreSQLServerMessage)
    /// 23505
    case uniqueViolation(PostgreSQLServerMessage)
    /// 23503
    case foreignKeyViolation(PostgreSQLServerMessage)
    /// 55P03: a lock could not be taken at once, or within `lock_timeout`.
    case lockNotAvailable(PostgreSQLServerMessage)
    /// 57014: `statement_timeout`, or an administrator.
    case queryCanceled(PostgreSQLServerMessage)
    /// 57P01 to 57P05: the server stops, starts, has crashed, or has ended this connection.
    case shutdown(PostgreSQLServerMessage)
    /// 40001, 40P01: rolled back because of another transaction; the whole transaction may be repeated.
    case serialization(PostgreSQLServerMessage)
    /// Any other error of the server.
    case other(PostgreSQLServerMessage)
    /// A value that is NULL where none is expected, or not of the expected type.
    case unexpectedValue(column: String, reason: String)
    /// A parameter that PostgreSQL cannot hold: text with a zero character.
    case invalidParameter(position: Int)
    /// The connection was lost, or the deadline passed, after a change or COMMIT was sent and before its result was
    /// there: it may have been executed or not.
    case unknownOutcome(reason: String)
    /// The pool was closed.
    case closed
}

extension PostgreSQLError {
    /// - Parameter message: of a statement, not of an attempt to connect.
    init(_ message: PostgreSQLServerMessage) {
        switch message.sqlstate {
        case "28000", "28P01": self = .authentication(message)
        case "53300": self = .tooManyConnections(message)
        case "42501": self = .insufficientPrivilege(message)
        case "42703": self = .undefinedColumn(message)
        case "42P01": self = .undefinedTable(message)
        case "25006": self = .readOnly(message)
        case "23505": self = .uniqueViolation(message)
        case "23503": self = .foreignKeyViolation(message)
        case "55P03": self = .lockNotAvailable(message)
        case "57014": self = .queryCanceled(message)
        // Also the end of an idle transaction (25P03).
        case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03": self = .shutdown(message)
        case "40001", "40P01": self = .serialization(message)
        // Connection exceptions: what pgbouncer reports of its servers.
        case _ where message.sqlstate.hasPrefix("08"): self = .connectionLost(reason: message.description)
        default: self = .other(message)
        }
    }

    /// The server's message, if it is an error of the server.
    package var serverMessage: PostgreSQLServerMessage? {
        switch self {
        case .authentication(let message), .tooManyConnections(let message), .insufficientPrivilege(let message),
            .undefinedColumn(let message), .undefinedTable(let message), .readOnly(let message),
            .uniqueViolation(let message), .foreignKeyViolation(let message), .lockNotAvailable(let message),
            .queryCanceled(let message), .shutdown(let message), .serialization(let message), .other(let message):
            message
        case .unreachable, .deadline, .connectionLost, .unexpectedValue, .invalidParameter, .unknownOutcome, .closed:
            nil
        }
    }

    package var sqlstate: String? { serverMessage?.sqlstate }

    /// Whether the database is not available at the moment, rather than the statement wrong: the same call may succeed
    /// later.
    package var isUnavailability: Bool {
        switch self {
        case .unreachable, .tooManyConnections, .deadline, .connectionLost, .lockNotAvailable, .queryCanceled,
            .shutdown, .serialization, .unknownOutcome, .closed, .readOnly, .authentication:
            true
        case .insufficientPrivilege, .undefinedColumn, .undefinedTable, .uniqueViolation, .foreignKeyViolation, .other,
            .unexpectedValue, .invalidParameter:
            false
        }
    }

    /// Whether the connection has ended, so that nothing more than the statement is lost.
    var isConnectionLoss: Bool {
        switch self {
        case .connectionLost, .shutdown: true
        case .unreachable, .authentication, .tooManyConnections, .deadline, .insufficientPrivilege, .undefinedColumn,
            .undefinedTable, .readOnly, .uniqueViolation, .foreignKeyViolation, .lockNotAvailable, .queryCanceled,
            .serialization, .other, .unexpectedValue, .invalidParameter, .unknownOutcome, .closed:
            false
        }
    }
}

extension PostgreSQLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let attempts):
            "cannot reach PostgreSQL: " + attempts.map(\.description).joined(separator: "; ")
        case .authentication(let message): "PostgreSQL refused the login: \(message)"
        case .tooManyConnections(let message): "PostgreSQL has no more connections: \(message)"
        case .deadline(.connection, let milliseconds):
            "no connection to PostgreSQL became available within \(milliseconds) ms"
        case .deadline(.response, let milliseconds): "PostgreSQL did not respond within \(milliseconds) ms"
        case .deadline(.otherResponses, let milliseconds):
            "all connections to PostgreSQL wait for a response, since \(milliseconds) ms"
        case .connectionLost(let reason): "lost the connection to PostgreSQL: \(reason)"
        case .insufficientPrivilege(let message): "the PostgreSQL role may not do this: \(message)"
        case .readOnly(let message): "PostgreSQL accepts no changes: \(message)"
        case .queryCanceled(let message): "PostgreSQL cancelled the statement: \(message)"
        case .shutdown(let message): "PostgreSQL ended the connection: \(message)"
        case .undefinedColumn(let message), .undefinedTable(let message), .uniqueViolation(let message),
            .foreignKeyViolation(let message), .lockNotAvailable(let message), .serialization(let message),
            .other(let message):
            "PostgreSQL refused a statement: \(message)"
        case .unexpectedValue(let column, let reason): "unexpected value from PostgreSQL in column \(column): \(reason)"
        case .invalidParameter(let position): "parameter $\(position) of a statement contains a zero character"
        case .unknownOutcome(let reason): "it is not known whether PostgreSQL has made a change: \(reason)"
        case .closed: "the connections to PostgreSQL were closed"
        }
    }
}
