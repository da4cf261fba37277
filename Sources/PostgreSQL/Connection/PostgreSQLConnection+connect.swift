import CPostgreSQL
import Glibc
package import System

/// How names are looked up: `NameResolver.addresses`, or a test's.
package typealias PostgreSQLResolver =
    @Sendable (_ host: String, _ deadline: MonotonicTime) throws(NameResolver.Problem) -> [IPAddress]

extension PostgreSQLConnection {
    /// Connects to the first server of the address that can be used.
    ///
    /// libpq would try all hosts by itself, but it looks up names without a deadline and leaves a silent server only
    /// when the caller gives up. So each address is an attempt of its own with an equal share of the time that is left.
    /// As with libpq, a server that refuses the login ends the search: the next would be asked with the wrong password,
    /// too.
    package static func connect(
        to address: PostgreSQLAddress, by deadline: MonotonicTime,
        resolve: @escaping PostgreSQLResolver = { (host, deadline) throws(NameResolver.Problem) in
            try NameResolver.addresses(of: host, by: deadline)
        }
    ) throws(PostgreSQLError) -> PostgreSQLConnection {
        PostgreSQLEnvironment.removeVariables()
        var search = ServerSearch(address: address, deadline: deadline, resolve: resolve)
        return try ThreadWait.announce { () throws(PostgreSQLError) in try search.run() }
    }
}

/// One search for a usable server.
private struct ServerSearch {
    let address: PostgreSQLAddress
    let deadline: MonotonicTime
    let resolve: PostgreSQLResolver
    private var failures: [ConnectFailure] = []

    init(address: PostgreSQLAddress, deadline: MonotonicTime, resolve: @escaping PostgreSQLResolver) {
        self.address = address
        self.deadline = deadline
        self.resolve = resolve
    }

    mutating func run() throws(PostgreSQLError) -> PostgreSQLConnection {
        // A single host at a time: what libpq does with prefer-standby must be done here for all.
        let rounds: [PostgreSQLAddress.SessionTarget] =
            address.sessionTarget == .preferStandby ? [.standby, .any] : [address.sessionTarget]
        for (index, target) in rounds.enumerated() {
            failures = []
            let limit = share(of: deadline, rounds.count - index)
            if let connection = try search(target, by: limit) { return connection }
        }
        throw ConnectFailure.summary(of: failures)
    }

    /// Nil when no server of this kind was found.
    private mutating func search(
        _ target: PostgreSQLAddress.SessionTarget, by limit: MonotonicTime
    ) throws(PostgreSQLError) -> PostgreSQLConnection? {
        for (index, host) in address.hosts.enumerated() {
            let hostLimit = share(of: limit, address.hosts.count - index)
            let endpoints = self.endpoints(of: host, by: hostLimit)
            for (number, endpoint) in endpoints.enumerated() {
                let attempt = ConnectAttempt(address: address, endpoint: endpoint, target: target)
                do {
                    return try attempt.run(by: attemptLimit(share(of: hostLimit, endpoints.count - number)))
                } catch {
                    failures.append(error)
                    if let refusal = error.refusalOfAll { throw refusal }
                }
            }
        }
        return nil
    }

    private mutating func endpoints(
        of host: PostgreSQLAddress.Host, by limit: MonotonicTime
    ) -> [ConnectAttempt.Endpoint] {
        if host.isSocketFolder { return [ConnectAttempt.Endpoint(host: host, address: nil)] }
        if let address = IPAddress(host.name) { return [ConnectAttempt.Endpoint(host: host, address: address)] }
        do {
            let addresses = try resolve(host.name, attemptLimit(limit))
            if addresses.isEmpty { note("the name has no addresses", of: host) }
            return addresses.map { ConnectAttempt.Endpoint(host: host, address: $0) }
        } catch {
            note("cannot look up the name: \(error.reason)", of: host)
            return []
        }
    }

    private mutating func note(_ reason: String, of host: PostgreSQLAddress.Host) {
        failures.append(ConnectFailure(server: host.description, sqlstate: nil, text: ConnectMessage(reason).text))
    }

    /// An equal part of the time until `limit` for each of `count` attempts.
    private func share(of limit: MonotonicTime, _ count: Int) -> MonotonicTime {
        let now = MonotonicTime.now()
        let left = max(0, limit.microseconds - now.microseconds)
        return MonotonicTime(microseconds: now.microseconds + left / Int64(count))
    }

    private func attemptLimit(_ limit: MonotonicTime) -> MonotonicTime {
        guard let timeout = address.connectTimeout else { return limit }
        return min(limit, .now().adding(timeout))
    }
}

/// Why one attempt failed.
struct ConnectFailure: Error, Hashable {
    let server: String
    let sqlstate: String?
    let text: String

    private var message: PostgreSQLServerMessage? {
        sqlstate.map { PostgreSQLServerMessage(sqlstate: $0, text: text) }
    }

    /// The error of the whole search, if trying another server is of no use: the login was refused, or there is no such
    /// database. A server that starts, is full or cannot be reached says nothing about the next.
    var refusalOfAll: PostgreSQLError? {
        guard let message else { return nil }
        let error = PostgreSQLError(message)
        return switch error {
        case .authentication, .insufficientPrivilege, .other: error
        case .tooManyConnections, .shutdown, .connectionLost, .undefinedColumn, .undefinedTable, .readOnly,
            .uniqueViolation, .foreignKeyViolation, .lockNotAvailable, .queryCanceled, .serialization, .unreachable,
            .deadline, .unexpectedValue, .invalidParameter, .unknownOutcome, .closed:
            nil
        }
    }

    /// The error of a search in which every attempt failed.
    static func summary(of failures: [ConnectFailure]) -> PostgreSQLError {
        if let full = failures.first(where: { $0.sqlstate == "53300" })?.message { return .tooManyConnections(full) }
        return .unreachable(failures.map { PostgreSQLError.Attempt(server: $0.server, reason: $0.text) })
    }
}
