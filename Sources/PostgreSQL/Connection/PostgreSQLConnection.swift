import CPostgreSQL
import Glibc
package import System

/// A connection to one PostgreSQL server. One object serves one thread at a time.
///
/// libpq connects, sends and parses without blocking; this type waits, with `poll` and an absolute deadline. Statements
/// are unnamed, with their parameters apart (`PQsendQueryParams`): nothing of the session stays behind, so that
/// consecutive transactions may be executed by different servers, as with pgbouncer's transaction pooling. For the same
/// reason nothing may be set in a session, and only `pg_advisory_xact_lock` is a usable advisory lock.
///
/// After a deadline, and after anything that leaves unread what the server may still send, the connection is closed: it
/// is never used again.
package final class PostgreSQLConnection {
    /// The server, for messages.
    package let server: String
    private var handle: OpaquePointer?
    /// How long the last statement took, in microseconds; at first as if it had taken long.
    private var lastMicroseconds = Int64.max

    /// - Parameter handle: a complete connection, which the new object owns.
    init(_ handle: OpaquePointer, server: String) {
        self.handle = handle
        self.server = server
    }

    deinit {
        close()
    }

    /// Ends the connection; does not wait for the server.
    package func close() {
        if let handle { PQfinish(handle) }
        handle = nil
    }

    package var isOpen: Bool { handle != nil }

    /// Whether traffic is encrypted.
    package var isEncrypted: Bool { handle.map { PQsslInUse($0) != 0 } ?? false }

    /// Whether a transaction has begun and not ended.
    var isInTransaction: Bool {
        guard let handle else { return false }
        return PQtransactionStatus(handle) != PQTRANS_IDLE
    }

    /// Whether the idle connection can be used, as far as is known without asking the server: it has not closed it.
    /// What a server says unasked (notices, changed settings, session tickets of TLS) is read and ignored.
    package var isAlive: Bool {
        guard let handle, PQtransactionStatus(handle) == PQTRANS_IDLE else { return false }
        // A few: a notice before the end of the connection, say.
        for _ in 0..<8 {
            var entry = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, 0) == 0 { return true }
            guard PQconsumeInput(handle) == 1, PQisBusy(handle) == 0, PQstatus(handle) == CONNECTION_OK else {
                return false
            }
        }
        return false
    }

    /// Executes one statement and waits for all its rows.
    ///
    /// - Throws: among others `.deadline` and `.connectionLost`, after which the connection is closed.
    @discardableResult
    package func query(
        _ statement: String, _ parameters: [PostgreSQLParameter] = [], by deadline: MonotonicTime
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        let texts = parameters.map(\.text)
        if let position = texts.firstIndex(where: { $0?.utf8.contains(0) ?? false }) {
            throw .invalidParameter(position: position + 1)
        }
        guard let handle else { throw .connectionLost(reason: "the connection is closed") }
        let start = MonotonicTime.now()
        defer { lastMicroseconds = start.microsecondsUntilNow }
        do {
            return try ThreadWait.announce(expected: lastMicroseconds) { () throws(PostgreSQLError) in
                try send(statement, texts, on: handle)
                try flush(handle, from: start, by: deadline)
                return try results(of: handle, from: start, by: deadline)
            }
        } catch {
            if mustClose(after: error) { close() }
            throw error
        }
    }

    private func mustClose(after error: PostgreSQLError) -> Bool {
        if case .deadline = error { return true }
        return error.isConnectionLoss || handle.map { PQstatus($0) != CONNECTION_OK } ?? true
    }

    private func send(
        _ statement: String, _ texts: [String?], on handle: OpaquePointer
    ) throws(PostgreSQLError) {
        let isSent = CStrings(texts).withPointers { pointers in
            PQsendQueryParams(
                handle, statement, Int32(pointers.count), nil, pointers.baseAddress, nil, nil, 0)
        }
        guard isSent == 1 else { throw lost(handle) }
    }

    private func flush(
        _ handle: OpaquePointer, from start: MonotonicTime, by deadline: MonotonicTime
    ) throws(PostgreSQLError) {
        while true {
            let left = PQflush(handle)
            if left == 0 { return }
            guard left > 0 else { throw lost(handle) }
            // A server that waits for its own output to be read reads nothing.
            try wait(for: POLLIN | POLLOUT, on: handle, from: start, by: deadline)
            guard PQconsumeInput(handle) == 1 else { throw lost(handle) }
        }
    }

    /// Reads until the server is ready for the next statement.
    private func results(
        of handle: OpaquePointer, from start: MonotonicTime, by deadline: MonotonicTime
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        var outcome: Result<PostgreSQLRows, PostgreSQLError>?
        while true {
            while PQisBusy(handle) == 1 {
                if hookline_pq_pending(handle) == 0 { try wait(for: POLLIN, on: handle, from: start, by: deadline) }
                // Also after a loss: libpq may have received the server's reason before.
                if PQconsumeInput(handle) == 0, PQisBusy(handle) == 1 { throw lost(handle) }
            }
            guard let result = PQgetResult(handle) else { break }
            let storage = PostgreSQLRows.Storage(result)
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                if outcome == nil { outcome = .success(PostgreSQLRows(storage)) }
            case PGRES_EMPTY_QUERY: outcome = .success(PostgreSQLRows(storage))
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                throw .connectionLost(reason: "the statement is a COPY, which is not supported")
            default:
                // The first says why; a second may only say that the connection is gone.
                if case .failure = outcome { break }
                outcome = .failure(error(of: storage, on: handle))
            }
        }
        guard let outcome else { throw lost(handle) }
        return try outcome.get()
    }

    private func error(of storage: PostgreSQLRows.Storage, on handle: OpaquePointer) -> PostgreSQLError {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(storage.result, Int32(code.value)).map { String(cString: $0) }
        }
        // Fields by their letters in the protocol (protocol-error-fields, 55.8). libpq's own errors have no SQLSTATE.
        guard let sqlstate = field("C") else { return lost(handle) }
        return PostgreSQLError(
            PostgreSQLServerMessage(
                sqlstate: sqlstate, text: field("M") ?? "", table: field("t"), column: field("c"),
                constraint: field("n")))
    }

    private func lost(_ handle: OpaquePointer) -> PostgreSQLError {
        let text = ConnectMessage(String(cString: PQerrorMessage(handle))).text
        return .connectionLost(reason: text.isEmpty ? "closed by the server" : text)
    }

    private func wait(
        for events: Int32, on handle: OpaquePointer, from start: MonotonicTime, by deadline: MonotonicTime
    ) throws(PostgreSQLError) {
        let isReady = SocketWait.wait(for: events, on: PQsocket(handle), by: deadline)
        guard isReady else { throw .deadline(.response, milliseconds: start.millisecondsUntilNow) }
    }
}
