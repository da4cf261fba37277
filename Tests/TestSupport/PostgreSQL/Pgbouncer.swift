import Foundation

/// A pgbouncer in front of a server, with transaction pooling, on a unix socket and on a TCP port of 127.0.0.1.
package final class Pgbouncer: Sendable {
    private let directory: TemporaryDirectory
    private let process: ChildProcess
    private let port: UInt16

    /// The setting for a database behind it.
    package func url(database: String = "postgres") -> String {
        "postgres://postgres@/\(database)?host=\(directory.path)&port=\(port)"
    }

    /// The same on TCP, encrypted if it was started with certificates.
    package func networkURL(database: String = "postgres") -> String {
        "postgres://postgres@127.0.0.1:\(port)/\(database)?sslmode=prefer"
    }

    /// - Parameters:
    ///   - poolSize: how many connections to the server all clients of one database share.
    ///   - certificates: for TLS on the port, with records as large as TLS allows.
    package init(_ server: PostgreSQLServer, poolSize: Int, certificates: TestCertificates? = nil) throws {
        port = try freePort()
        let directory = try TemporaryDirectory()
        self.directory = directory
        try PostgreSQLPrograms.giveToServer(directory.path)
        try PostgreSQLPrograms.write("\"postgres\" \"\"\n", to: directory.file("users"))
        try PostgreSQLPrograms.write(
            """
            [databases]
            * = host=\(server.folder) port=\(server.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir = \(directory.path)
            auth_type = trust
            auth_file = \(directory.file("users"))
            pool_mode = transaction
            default_pool_size = \(poolSize)
            \(try Self.encryption(certificates, in: directory))

            """, to: directory.file("pgbouncer.ini"))
        let process = try ChildProcess(PostgreSQLPrograms.command(["pgbouncer", directory.file("pgbouncer.ini")]))
        self.process = process
        try waitUntil("pgbouncer accepts connections") {
            guard process.isRunning else { throw TestSupportError("pgbouncer ended: \(process.standardError)") }
            return (try? connection()) != nil
        }
    }

    private static func encryption(
        _ certificates: TestCertificates?, in directory: TemporaryDirectory
    ) throws -> String {
        guard let certificates else { return "" }
        for (path, name) in [(certificates.certificatePath, "server.crt"), (certificates.keyPath, "server.key")] {
            try PostgreSQLPrograms.write(try String(contentsOfFile: path, encoding: .utf8), to: directory.file(name))
        }
        return """
            client_tls_sslmode = allow
            client_tls_cert_file = \(directory.file("server.crt"))
            client_tls_key_file = \(directory.file("server.key"))
            pkt_buf = 65536
            """
    }

    deinit {
        process.send(signal: SIGTERM)
        _ = try? process.waitForExit()
    }

    /// A connection of the test kit through pgbouncer.
    package func connection(database: String = "postgres") throws -> PostgreSQLTestConnection {
        try PostgreSQLTestConnection(folder: directory.path, port: port, database: database)
    }
}
