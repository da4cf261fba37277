import CPostgreSQL
import Glibc
import Model
import System

/// One attempt to connect to one address of one server.
struct ConnectAttempt {
    struct Endpoint {
        let host: PostgreSQLAddress.Host
        /// Nil for a unix socket.
        let address: IPAddress?

        /// `name:port`, with the address where the name does not say it.
        var description: String {
            guard let address, address.description != host.name else { return host.description }
            return "\(host) (\(address))"
        }
    }

    let address: PostgreSQLAddress
    let endpoint: Endpoint
    let target: PostgreSQLAddress.SessionTarget

    func run(by deadline: MonotonicTime) throws(ConnectFailure) -> PostgreSQLConnection {
        // A build option of libpq before release 17.
        guard PQisthreadsafe() == 1 else { throw failure("this libpq does not support threads") }
        let values = parameters
        let names = CStrings(values.map(\.0) + [nil])
        let texts = CStrings(values.map(\.1) + [nil])
        let made = names.withPointers { names in
            texts.withPointers { texts in PQconnectStartParams(names.baseAddress, texts.baseAddress, 0) }
        }
        guard let made else { throw failure("out of memory") }
        do throws(ConnectFailure) {
            // For the SQLSTATE, which libpq gives of a refused connection in the text only.
            PQsetErrorVerbosity(made, PQERRORS_VERBOSE)
            hookline_pq_drop_notices(made)
            try complete(made, by: deadline)
            PQsetErrorVerbosity(made, PQERRORS_DEFAULT)
            guard PQsetnonblocking(made, 1) == 0 else { throw failure(of: made) }
        } catch {
            PQfinish(made)
            throw error
        }
        return PostgreSQLConnection(made, server: endpoint.description)
    }

    private func complete(_ made: OpaquePointer, by deadline: MonotonicTime) throws(ConnectFailure) {
        let start = MonotonicTime.now()
        guard PQstatus(made) != CONNECTION_BAD else { throw failure(of: made) }
        // As if the first poll had asked for it (libpq-connect, PQconnectPoll).
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else { throw failure(of: made) }
            // The socket may be another one after each call.
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard SocketWait.wait(for: events, on: PQsocket(made), by: deadline) else {
                throw failure("no response within \(start.millisecondsUntilNow) ms")
            }
            state = PQconnectPoll(made)
        }
    }

    private func failure(of made: OpaquePointer) -> ConnectFailure {
        let message = ConnectMessage(String(cString: PQerrorMessage(made)))
        // libpq itself ends an attempt for which it has no password, without an SQLSTATE.
        let isPasswordMissing = message.sqlstate == nil && PQconnectionNeedsPassword(made) == 1
        return ConnectFailure(
            server: endpoint.description, sqlstate: isPasswordMissing ? "28P01" : message.sqlstate, text: message.text)
    }

    private func failure(_ reason: String) -> ConnectFailure {
        ConnectFailure(server: endpoint.description, sqlstate: nil, text: ConnectMessage(reason).text)
    }

    /// Names and values as libpq takes them; it ignores those without a value.
    private var parameters: [(String, String)] {
        let values: [(String, String?)] = [
            ("host", endpoint.host.name), ("hostaddr", endpoint.address?.description),
            ("port", String(endpoint.host.port)), ("user", address.user), ("password", address.password?.exposed),
            ("dbname", address.database ?? address.user), ("sslmode", address.tlsMode.rawValue),
            ("sslrootcert", address.authorityPath), ("sslcert", address.certificatePath), ("sslkey", address.keyPath),
            ("target_session_attrs", target.rawValue), ("passfile", address.passwordFilePath),
            ("application_name", address.applicationName),
            // Would be tried first, with blocking look-ups of names and tickets.
            ("gssencmode", "disable"),
            ("client_encoding", "UTF8"),
        ]
        return values.compactMap { name, value in value.map { (name, $0) } }
    }
}
