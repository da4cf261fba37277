package import Directory
package import Model
import PostgreSQL

/// Opens directories in PostgreSQL, and embedded ones.
package struct PostgreSQLDirectoryOpener: DirectoryOpening {
    private let embedded = EmbeddedDirectoryOpener()

    package init() {}

    package func open(
        _ location: DirectoryLocation, connectionCount: Int
    ) throws(DirectoryError) -> any DirectoryDatabase {
        switch location {
        case .sqlite: try embedded.open(location, connectionCount: connectionCount)
        case .postgreSQL(let url):
            PostgreSQLDirectory(address: try Self.address(url), connectionCount: connectionCount)
        }
    }

    /// A database in PostgreSQL is neither made nor upgraded here: `PostgreSQLMigrator` does that.
    package func openForWriting(_ location: DirectoryLocation) throws(DirectoryError) -> any DirectoryWriter {
        switch location {
        case .sqlite: try embedded.openForWriting(location)
        case .postgreSQL(let url): PostgreSQLDirectoryWriter(address: try Self.address(url))
        }
    }

    /// What makes and upgrades the tables at `url`.
    package func migrator(_ url: Secret) throws(DirectoryError) -> PostgreSQLMigrator {
        PostgreSQLMigrator(address: try Self.address(url))
    }

    private static func address(_ url: Secret) throws(DirectoryError) -> PostgreSQLAddress {
        do throws(PostgreSQLAddressError) {
            return try PostgreSQLAddress(parsing: url.exposed)
        } catch {
            throw .unopened(location: "postgres://", reason: error.description)
        }
    }
}
