package import Model

/// Which Redis to use: the setting `HOOKLINE_REDIS`.
///
/// `redis://[user:password@]host[:port][/database]`, IPv6 addresses in brackets, or
/// `unix:PATH[?db=N&user=NAME&password=TEXT]`. Users, passwords and paths may be percent-encoded.
package struct RedisEndpoint: Hashable, Sendable, CustomStringConvertible {
    package enum Address: Hashable, Sendable {
        case unix(path: String)
        case tcp(host: String, port: UInt16)
    }

    package var address: Address
    /// Nil for Redis' default user, also when there is a password.
    package var user: String?
    package var password: Secret?
    package var database: Int

    package init(address: Address, user: String? = nil, password: Secret? = nil, database: Int = 0) {
        self.address = address
        self.user = user
        self.password = password
        self.database = database
    }

    /// The setting again, without the password.
    package var description: String {
        let credentials = password == nil ? "" : "\(user ?? ""):***@"
        return switch address {
        case .tcp(let host, let port):
            "redis://\(credentials)\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unix(let path):
            "unix:\(path)" + (database == 0 ? "" : "?db=\(database)")
        }
    }

    /// The address alone, for messages.
    package var server: String {
        switch address {
        case .tcp(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

/// What is wrong with a `HOOKLINE_REDIS` setting. Never holds the setting itself: it may contain a password.
package struct RedisEndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String

    package var description: String {
        "\(reason); write redis://[user:password@]host[:port][/database] or unix:PATH[?db=N]"
    }
}
