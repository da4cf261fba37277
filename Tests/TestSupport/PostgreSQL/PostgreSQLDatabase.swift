import Foundation
import System

/// A database of one test on the server that the tests of a process share. Dropped when the value is released.
package final class PostgreSQLDatabase: Sendable {
    package let server: PostgreSQLServer
    package let name: String

    /// The setting for this database.
    package var url: String { server.url(database: name) }

    /// - Parameter template: the name of a database that is copied: see `makeTemplate`.
    package init(template: String = "template0") throws {
        let server = try PostgreSQLServer.shared()
        self.server = server
        name = "test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        try server.connection().execute("CREATE DATABASE \(name) TEMPLATE \(template)")
    }

    deinit {
        try? server.connection().execute("DROP DATABASE \(name) WITH (FORCE)")
    }

    package func connection() throws -> PostgreSQLTestConnection {
        try server.connection(database: name)
    }

    /// Executes statements on a connection of its own.
    package func execute(_ statements: String) throws {
        try connection().execute(statements)
    }

    package func rows(_ statements: String) throws -> [[String?]] {
        try connection().rows(statements)
    }
}

extension PostgreSQLServer {
    private static let sharedServer = Lock<PostgreSQLServer?>(nil)
    private static let templates = Lock<Set<String>>([])

    /// The server that the tests of this process share: for everything that disturbs no other test. Started at its
    /// first use, and stopped when the process ends.
    package static func shared() throws -> PostgreSQLServer {
        try sharedServer.withLock { server in
            if let server { return server }
            let made = try PostgreSQLServer()
            server = made
            // Explicitly: databases that tests keep in static variables hold the server to the end.
            atexit { PostgreSQLServer.sharedServer.withLock { $0?.remove() } }
            return made
        }
    }

    /// Makes a database that tests copy (`PostgreSQLDatabase(template:)`), once in each process.
    package static func makeTemplate(_ name: String, _ fill: (PostgreSQLTestConnection) throws -> Void) throws {
        try templates.withLock { templates in
            guard !templates.contains(name) else { return }
            let server = try shared()
            try server.connection().execute("CREATE DATABASE \(name) TEMPLATE template0")
            try fill(server.connection(database: name))
            templates.insert(name)
        }
    }
}
