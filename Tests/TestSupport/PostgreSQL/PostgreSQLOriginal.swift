import Foundation
package import PostgreSQL
import PostgreSQLDirectory

/// A database with the tables of the original, the schema `hookline`, and the role that `conf/postgresql/role.sql`
/// makes.
package enum PostgreSQLOriginal: String, CaseIterable, Sendable {
    case release23 = "23.7.1"
    case release26 = "26.8"

    /// The role of the code under test. The tables belong to `postgres`.
    package static let role = "hookline"

    /// The role belongs to all databases of a server: two scripts that change it at the same time disturb each other.
    private static let roleChanges = NSLock()

    /// Makes the tables in an empty database, without the changes of later releases.
    package static func makeTables(_ connection: PostgreSQLTestConnection) throws {
        try connection.execute(try sql("tables-23.7.1.sql"))
    }

    /// Makes the changes of the release in the tables and the rows of 23.7.1.
    package func upgrade(_ connection: PostgreSQLTestConnection) throws {
        switch self {
        case .release23: break
        case .release26:
            try connection.execute(try Self.sql("changes-26.8.sql"))
            try connection.execute(
                """
                UPDATE sentry_apitoken SET hashed_token = encode(sha256(convert_to(token, 'UTF8')), 'hex'),
                    token_type = 'sntryu_'
                """)
        }
    }

    /// Executes `conf/postgresql/role.sql`, as an administrator does.
    ///
    /// - Parameter variables: `sessions=off`.
    package static func giveRights(
        _ server: PostgreSQLServer, database: String, variables: [String] = []
    ) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../conf/postgresql/role.sql").standardizedFileURL
        let assignments = (["role=\(role)"] + variables).flatMap { ["-v", $0] }
        let (status, _, error) = try roleChanges.withLock {
            try ChildProcess.run(
                ["psql", "-X", "-q", "-h", server.folder, "-p", String(server.port), "-U", "postgres", "-d", database]
                    + assignments + ["-f", root.path])
        }
        guard status == .exited(0) else { throw TestSupportError("role.sql: \(error)") }
    }

    /// Makes the schema `hookline`, as the superuser.
    package static func migrate(_ server: PostgreSQLServer, database: String) throws {
        _ = try PostgreSQLMigrator(
            address: PostgreSQLAddress(parsing: server.url(database: database))
        ).migrate()
    }

    private static func sql(_ name: String) throws -> String {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name).path
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}

extension PostgreSQLDatabase {
    /// The setting for this database with the role of the code under test.
    package var roleURL: String { server.url(database: name, user: PostgreSQLOriginal.role) }

    /// The address for this database with the role of the code under test, or another.
    package func address(user: String = PostgreSQLOriginal.role) throws -> PostgreSQLAddress {
        try PostgreSQLAddress(parsing: server.url(database: name, user: user))
    }

    /// A database that the original has filled with the directory of a golden file.
    package convenience init(golden name: String, release: PostgreSQLOriginal) throws {
        let template = "golden_\(name)_" + release.rawValue.replacingOccurrences(of: ".", with: "_")
        try PostgreSQLServer.makeTemplate(template) { connection in
            try PostgreSQLOriginal.makeTables(connection)
            try PostgreSQLGolden(Golden(name: name)).load(connection)
            try release.upgrade(connection)
            let server = try PostgreSQLServer.shared()
            try PostgreSQLOriginal.migrate(server, database: template)
            try PostgreSQLOriginal.giveRights(server, database: template)
        }
        try self.init(template: template)
    }

    /// A stand-alone directory without rows.
    package static func standalone() throws -> PostgreSQLDatabase {
        let template = "standalone"
        try PostgreSQLServer.makeTemplate(template) { _ in
            let server = try PostgreSQLServer.shared()
            let address = try PostgreSQLAddress(parsing: server.url(database: template))
            _ = try PostgreSQLMigrator(address: address).migrateStandalone()
            try PostgreSQLOriginal.giveRights(server, database: template)
        }
        return try PostgreSQLDatabase(template: template)
    }
}
