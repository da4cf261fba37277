import Foundation

/// A pgbouncer in front of a server, with transaction pooling, on a unix socket.
package final class Pgbouncer: Sendable {
    private let directory: TemporaryDirectory
    private let process: ChildProcess
    private static let port: UInt16 = 6432

    /// The setting for a database behind it.
    package func url(database: String = "postgres") -> String {
        "postgres://postgres@/\(database)?host=\(directory.path)&port=\(Self.port)"
    }

    /// - Parameter poolSize: how many connections to the server all clients of one database share.
    package init(_ server: PostgreSQLServer, poolSize: Int) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        try PostgreSQLPrograms.giveToServer(directory.path)
        try PostgreSQLPrograms.write("\"postgres\" \"\"\n", to: directory.file("users"))
        try PostgreSQLPrograms.write(
            """
            [databases]
            * = host=\(server.folder) port=\(server.port)
            [pgbouncer]
            listen_port = \(Self.port)
            unix_socket_dir = \(directory.path)
            auth_type = trust
            auth_file = \(directory.file("users"))
            pool_mode = transaction
            default_pool_size = \(poolSize)

            """, to: directory.file("pgbouncer.ini"))
        let process = try ChildProcess(PostgreSQLPrograms.command(["pgbouncer", directory.file("pgbouncer.ini")]))
        self.process = process
        try waitUntil("pgbouncer accepts connections") {
            guard process.isRunning else { throw TestSupportError("pgbouncer ended: \(process.standardError)") }
            return (try? connection()) != nil
        }
    }

    deinit {
        process.send(signal: SIGTERM)
        _ = try? process.waitForExit()
    }

    /// A connection of the test kit through pgbouncer.
    package func connection(database: String = "postgres") throws -> PostgreSQLTestConnection {
        try PostgreSQLTestConnection(folder: directory.path, port: Self.port, database: database)
    }
}
