package import Model
import System

/// The PostgreSQL servers and the database to use: a `postgres://` address (libpq-connect, 34.1.1.2).
///
/// `postgres://[user[:password]@][host[:port][,host[:port]…]][/database][?option=value[&…]]`, or `postgresql://`.
/// IPv6 addresses are in brackets. A host that begins with `/` is the folder of a unix socket: percent-encoded in its
/// place, or as it is in the option `host`. Everything may be percent-encoded.
///
/// Only what the address says counts, not the variables of the environment that libpq knows (`PostgreSQLEnvironment`),
/// with two exceptions that libpq's users expect: without a password one is looked up in the password file
/// (`~/.pgpass`), and certificates are searched in `~/.postgresql`.
package struct PostgreSQLAddress: Hashable, Sendable {
    /// One server.
    package struct Host: Hashable, Sendable {
        /// A name, an IP address without brackets, or the absolute path of the folder of the server's unix socket.
        package var name: String
        package var port: UInt16

        /// PostgreSQL's port (libpq's `DEF_PGPORT`).
        package static let defaultPort: UInt16 = 5432

        /// Where Debian's servers have their unix sockets (libpq's `DEFAULT_PGSOCKET_DIR` there).
        package static let defaultFolder = "/var/run/postgresql"

        package init(name: String, port: UInt16 = defaultPort) {
            self.name = name
            self.port = port
        }

        /// Whether the server is reached by a unix socket.
        package var isSocketFolder: Bool { name.hasPrefix("/") }
    }

    /// When connections are encrypted and what is verified (`sslmode`; libpq-ssl, 34.19.1). Without effect on unix
    /// sockets.
    package enum TLSMode: String, Hashable, Sendable, CaseIterable {
        case disable, allow, prefer, require
        case verifyAuthority = "verify-ca"
        case verifyFull = "verify-full"
    }

    /// Which servers are accepted (`target_session_attrs`).
    package enum SessionTarget: String, Hashable, Sendable, CaseIterable {
        case any
        /// Accepts writes.
        case readWrite = "read-write"
        case readOnly = "read-only"
        case primary, standby
        /// A standby server, or any where there is none.
        case preferStandby = "prefer-standby"
    }

    /// Tried in this order; never empty.
    package var hosts: [Host]
    /// Nil: the name of the process' user.
    package var user: String?
    package var password: Secret?
    /// Nil: the name of the user.
    package var database: String?
    package var tlsMode = TLSMode.prefer
    /// Certificates of authorities (`sslrootcert`); nil: `~/.postgresql/root.crt`.
    package var authorityPath: String?
    /// The client's certificate (`sslcert`); nil: `~/.postgresql/postgresql.crt`, if there is one.
    package var certificatePath: String?
    /// The certificate's key (`sslkey`); nil: `~/.postgresql/postgresql.key`.
    package var keyPath: String?
    package var sessionTarget = SessionTarget.any
    /// Passwords by server (`passfile`); nil: `~/.pgpass`.
    package var passwordFilePath: String?
    /// The name in the server's list of connections (`application_name`).
    package var applicationName = "hookline"
    /// The limit of one attempt to connect (`connect_timeout`, whole seconds); nil: only the caller's deadline.
    package var connectTimeout: Duration?

    package init(hosts: [Host] = [], user: String? = nil, password: Secret? = nil, database: String? = nil) {
        self.hosts = hosts.isEmpty ? [Host(name: Host.defaultFolder)] : hosts
        self.user = user
        self.password = password
        self.database = database
    }

    /// Whether the address itself has the password.
    package var hasPassword: Bool { password != nil }

    /// Whether a connection whose server has become read-only is of no more use.
    var requiresWrites: Bool {
        switch sessionTarget {
        case .readWrite, .primary: true
        case .any, .readOnly, .standby, .preferStandby: false
        }
    }
}

extension PostgreSQLAddress.Host: CustomStringConvertible {
    /// `name:port`, or the path of the unix socket.
    package var description: String {
        if isSocketFolder { return "\(name)/.s.PGSQL.\(port)" }
        return "\(name.contains(":") ? "[\(name)]" : name):\(port)"
    }
}

extension PostgreSQLAddress: CustomStringConvertible {
    /// The address, with `***` as the password.
    package var description: String {
        let folders = hosts.contains { $0.isSocketFolder }
        var text = "postgres://"
        if user != nil || password != nil { text += encoded(user ?? "") + (hasPassword ? ":***" : "") + "@" }
        if !folders { text += hosts.map(\.description).joined(separator: ",") }
        if let database { text += "/" + encoded(database) }
        let options = (folders ? hostOptions : []) + otherOptions
        let pairs = options.map { name, value in name + "=" + encoded(value) }
        return pairs.isEmpty ? text : text + (database == nil ? "/?" : "?") + pairs.joined(separator: "&")
    }

    /// The servers alone, for messages.
    package var servers: String { hosts.map(\.description).joined(separator: ", ") }

    private var hostOptions: [(String, String)] {
        let names = ("host", hosts.map(\.name).joined(separator: ","))
        guard hosts.contains(where: { $0.port != Host.defaultPort }) else { return [names] }
        return [names, ("port", hosts.map { String($0.port) }.joined(separator: ","))]
    }

    private var otherOptions: [(String, String)] {
        let standard = PostgreSQLAddress()
        let optional: [(String, String?)] = [
            ("sslmode", tlsMode == standard.tlsMode ? nil : tlsMode.rawValue), ("sslrootcert", authorityPath),
            ("sslcert", certificatePath), ("sslkey", keyPath),
            ("target_session_attrs", sessionTarget == standard.sessionTarget ? nil : sessionTarget.rawValue),
            ("passfile", passwordFilePath),
            ("application_name", applicationName == standard.applicationName ? nil : applicationName),
            ("connect_timeout", connectTimeout.map { String($0.components.seconds) }),
        ]
        return optional.compactMap { name, value in value.map { (name, $0) } }
    }

    /// As a part of the address; slashes, commas and colons of paths and lists stay readable where they may.
    private func encoded(_ text: String) -> String {
        var output = ""
        for character in PercentCoding.encodedPath(text) {
            output += character == "/" ? "%2F" : String(character)
        }
        return output
    }
}
