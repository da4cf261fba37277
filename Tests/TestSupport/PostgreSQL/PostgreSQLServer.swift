import Foundation
import System

/// A PostgreSQL server of the tests: a cluster of its own in a temporary folder, on a unix socket and optionally on a
/// TCP port of 127.0.0.1. Its superuser is `postgres`, without a password unless `accessRules` say otherwise.
package final class PostgreSQLServer: Sendable {
    package struct Options: Sendable {
        /// Whether it listens on 127.0.0.1, too.
        package var hasTCP = false
        /// For `ssl = on`; the certificate is the server's.
        package var certificates: TestCertificates?
        package var maximumConnections = 100
        /// Lines for `postgresql.conf`.
        package var settings: [String] = []
        /// Lines for the front of `pg_hba.conf`, before those that trust everyone.
        package var accessRules: [String] = []

        package init() {}
    }

    package let port: UInt16
    package let options: Options
    let directory: TemporaryDirectory
    private let process = Lock<ChildProcess?>(nil)

    /// The folder of the unix socket.
    package var folder: String { directory.path }
    var dataPath: String { directory.file("data") }

    /// The server's address on its unix socket, for `user` and a database.
    package func url(database: String = "postgres", user: String = "postgres") -> String {
        "postgres://\(user)@/\(database)?host=\(folder)&port=\(port)"
    }

    /// The server's address on TCP; `options` as `sslmode=require`.
    package func networkURL(
        database: String = "postgres", user: String = "postgres", host: String = "127.0.0.1", options: String = ""
    ) -> String {
        "postgres://\(user)@\(host):\(port)/\(database)" + (options.isEmpty ? "" : "?" + options)
    }

    /// Makes a cluster and starts its server.
    package convenience init(_ options: Options = Options()) throws {
        try self.init(options) { directory in
            try PostgreSQLPrograms.run(["cp", "-a", EmptyCluster.path(), directory.file("data")])
        }
    }

    /// - Parameter make: fills the folder `data`.
    init(_ options: Options, make: (TemporaryDirectory) throws -> Void) throws {
        self.options = options
        directory = try TemporaryDirectory()
        port = options.hasTCP ? try freePort() : 5432
        try PostgreSQLPrograms.giveToServer(directory.path)
        try make(directory)
        try configure()
        try start()
    }

    deinit {
        try? stop(signal: SIGQUIT)
    }

    /// Stops the server at once and removes its files; it is of no use afterwards.
    func remove() {
        try? stop(signal: SIGQUIT)
        try? FileManager.default.removeItem(atPath: directory.path)
    }

    private func configure() throws {
        var lines = [
            "listen_addresses = '\(options.hasTCP ? "127.0.0.1" : "")'", "port = \(port)",
            "unix_socket_directories = '\(folder)'", "max_connections = \(options.maximumConnections)",
            "fsync = off", "synchronous_commit = off", "full_page_writes = off", "shared_buffers = 16MB",
            "wal_level = replica", "max_wal_senders = 2", "log_min_messages = warning", "lc_messages = 'C'",
        ]
        if let certificates = options.certificates {
            for (path, name) in [(certificates.certificatePath, "server.crt"), (certificates.keyPath, "server.key")] {
                try PostgreSQLPrograms.write(
                    try String(contentsOfFile: path, encoding: .utf8), to: dataPath + "/" + name)
            }
            lines.append("ssl = on")
            lines.append("ssl_cert_file = 'server.crt'")
            lines.append("ssl_key_file = 'server.key'")
        }
        lines += options.settings
        try PostgreSQLPrograms.write(lines.joined(separator: "\n") + "\n", to: dataPath + "/postgresql.conf")
        let rules = options.accessRules + ["local all all trust", "host all all 127.0.0.1/32 trust"]
        // A standby server's connection.
        let replication = ["local replication all trust"]
        try PostgreSQLPrograms.write(
            (rules + replication).joined(separator: "\n") + "\n", to: dataPath + "/pg_hba.conf")
    }

    /// Starts the server again, and waits until it accepts connections.
    package func start() throws {
        let child = try ChildProcess(PostgreSQLPrograms.command(["postgres", "-D", dataPath]))
        process.withLock { $0 = child }
        try waitUntil("PostgreSQL accepts connections; it says: \(child.standardError.suffix(1000))", seconds: 30) {
            guard child.isRunning else { throw TestSupportError("PostgreSQL ended: \(child.standardError)") }
            return (try? connection()) != nil
        }
    }

    /// Stops the server and waits for its end.
    ///
    /// - Parameter signal: SIGINT ends connections properly ("fast"), SIGQUIT at once, like a crash ("immediate").
    package func stop(signal: Int32 = SIGINT) throws {
        guard let child = process.withLock({ $0 }) else { return }
        child.send(signal: signal)
        _ = try child.waitForExit()
        process.withLock { $0 = nil }
    }

    package func restart() throws {
        try stop()
        try start()
    }

    /// Stops the server's processes where they are (SIGSTOP): connections stay open, nothing responds.
    package func suspend() { sendToAll(SIGSTOP) }

    /// Lets suspended processes go on.
    package func resume() { sendToAll(SIGCONT) }

    private func sendToAll(_ signal: Int32) {
        guard let child = process.withLock({ $0 }) else { return }
        child.send(signal: signal)
        let path = "/proc/\(child.pid)/task/\(child.pid)/children"
        let list = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        for pid in list.split(separator: " ").compactMap({ Int32($0) }) { kill(pid, signal) }
    }

    /// A connection of the test kit, without the code under test.
    package func connection(database: String = "postgres") throws -> PostgreSQLTestConnection {
        try PostgreSQLTestConnection(folder: folder, port: port, database: database)
    }
}
