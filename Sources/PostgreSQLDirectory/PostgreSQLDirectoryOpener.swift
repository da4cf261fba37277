package import Directory
import Model
import PostgreSQL

/// Opens directories in PostgreSQL, and embedded ones.
package struct PostgreSQLDirectoryOpener: DirectoryOpening {
    private let embedded = EmbeddedDirectoryOpener()

    package init() {}

    package func validate(_ location: DirectoryLocation) throws(DirectoryLocation.ParseError) {
        switch location {
        case .sqlite: try embedded.validate(location)
        case .postgreSQL(let url):
            do throws(PostgreSQLAddressError) {
                _ = try PostgreSQLAddress(parsing: url.exposed)
            } catch {
                throw DirectoryLocation.ParseError(error.description)
            }
        }
    }

    package func open(
        _ location: DirectoryLocation, limits: DirectoryLimits
    ) throws(DirectoryError) -> any DirectoryDatabase {
        switch location {
        case .sqlite: try embedded.open(location, limits: limits)
        case .postgreSQL(let url):
            PostgreSQLDirectory(
                address: try Self.address(url), connectionCount: limits.connectionCount,
                change: .milliseconds(Int(limits.writeWaitMilliseconds)),
                keys: EncryptionKeys(
                    folder: limits.encryptionKeys, secretKeys: SecretKeyFile(path: limits.secretKeyFile)))
        }
    }

    /// Whether a database has a directory shows when it is opened.
    package func exists(_ location: DirectoryLocation) throws(DirectoryError) -> Bool {
        switch location {
        case .sqlite: try embedded.exists(location)
        case .postgreSQL: true
        }
    }

    /// A database in PostgreSQL is neither made nor upgraded here: `PostgreSQLMigrator` does that.
    package func openForWriting(
        _ location: DirectoryLocation, secretKeys: SecretKeyFile
    ) throws(DirectoryError) -> any DirectoryWriter {
        switch location {
        case .sqlite: try embedded.openForWriting(location, secretKeys: secretKeys)
        case .postgreSQL(let url):
            PostgreSQLDirectoryWriter(address: try Self.address(url), secretKeys: secretKeys)
        }
    }

    package func migrate(_ location: DirectoryLocation, isStandalone: Bool) throws(DirectoryError) -> String {
        switch location {
        case .sqlite: return try embedded.migrate(location, isStandalone: isStandalone)
        case .postgreSQL(let url):
            let migrator = PostgreSQLMigrator(address: try Self.address(url))
            let outcome = try isStandalone ? migrator.migrateStandalone() : migrator.migrate()
            let kind =
                outcome.isStandalone ? "a stand-alone directory" : "the schema hookline beside the tables of Sentry"
            let change =
                outcome.from == outcome.to
                ? "version \(outcome.to), up to date"
                : outcome.from == 0
                    ? "created, version \(outcome.to)" : "upgraded from version \(outcome.from) to \(outcome.to)"
            return "\(migrator.name): \(kind), \(change)."
        }
    }

    private static func address(_ url: Secret) throws(DirectoryError) -> PostgreSQLAddress {
        do throws(PostgreSQLAddressError) {
            return try PostgreSQLAddress(parsing: url.exposed)
        } catch {
            throw .unopened(location: "postgres://", reason: error.description)
        }
    }
}
