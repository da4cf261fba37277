import Foundation

extension PostgreSQLServer {
    /// Ends all client connections but those of the test kit, as an administrator does. Returns how many.
    @discardableResult
    package func terminateConnections() throws -> Int {
        try connection().rows(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND application_name <> '\(PostgreSQLTestConnection.name)'
            """
        ).count
    }

    /// Makes new and open sessions read-only, or writable again.
    package func setReadOnly(_ isReadOnly: Bool) throws {
        let connection = try connection()
        try connection.execute("ALTER SYSTEM SET default_transaction_read_only = \(isReadOnly ? "on" : "off")")
        try connection.execute("SELECT pg_reload_conf()")
        try waitUntil("the setting is in force") {
            try self.connection().rows("SHOW default_transaction_read_only") == [[isReadOnly ? "on" : "off"]]
        }
    }

    /// How many clients are connected, those of the test kit left out.
    package func clientCount() throws -> Int {
        try connection().rows(
            """
            SELECT pid FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND application_name <> '\(PostgreSQLTestConnection.name)'
            """
        ).count
    }

    /// A streaming standby server of this one.
    package func standby(hasTCP: Bool = false) throws -> PostgreSQLServer {
        var options = options
        options.hasTCP = hasTCP
        return try PostgreSQLServer(options) { directory in
            try PostgreSQLPrograms.run([
                "pg_basebackup", "--pgdata", directory.file("data"), "--host", folder, "--port", String(port),
                "--username", "postgres", "--checkpoint", "fast", "--write-recovery-conf", "--no-sync",
            ])
        }
    }
}
