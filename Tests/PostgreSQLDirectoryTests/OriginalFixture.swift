import Directory
import Model
import PostgreSQL
import TestSupport

@testable import PostgreSQLDirectory

/// A database that an original has filled with a golden directory, opened with the role of `role.sql`.
struct OriginalFixture {
    let database: PostgreSQLDatabase
    let directory: PostgreSQLDirectory
    let memory: MemoryDirectory

    /// The golden files' published app, its owner and others.
    static let goldenName = "101"
    static let appID: Int64 = 17
    static let slug = "pub-app"
    static let owner: Int64 = 298
    static let installation: Int64 = 1000

    init(_ release: PostgreSQLOriginal = .release23, golden name: String = Self.goldenName) throws {
        database = try PostgreSQLDatabase(golden: name, release: release)
        directory = try Self.directory(database)
        memory = try MemoryDirectory(golden: Golden(name: name).directory)
    }

    static func directory(
        _ database: PostgreSQLDatabase, user: String = PostgreSQLOriginal.role, connectionCount: Int = 4,
        limits: DirectoryConnections.Limits = .init(), keys: EncryptionKeys = EncryptionKeys(folder: nil)
    ) throws -> PostgreSQLDirectory {
        PostgreSQLDirectory(
            pool: PostgreSQLPool(
                address: try database.address(user: user), limits: .init(maximumCount: connectionCount)),
            limits: limits, keys: keys)
    }

    /// Executes statements as the original does.
    func execute(_ statements: String) throws { try database.execute(statements) }

    /// The first column of the first row.
    func value(_ statement: String) throws -> String? { try database.rows(statement).first?.first ?? nil }
}

extension AuditEntry.Draft {
    static func disabling(at seconds: Int64 = 50) -> AuditEntry.Draft {
        AuditEntry.Draft(
            organizationID: OriginalFixture.owner, event: AuditEntry.appDisabled, actorLabel: "Sentry",
            targetObject: OriginalFixture.owner, dataJSON: #"{"name":"An app"}"#, date: Timestamp(seconds: seconds))
    }

    static func enabling(at seconds: Int64 = 60) -> AuditEntry.Draft {
        AuditEntry.Draft(
            organizationID: OriginalFixture.owner, event: AuditEntry.appEnabled, actorLabel: "alice",
            date: Timestamp(seconds: seconds))
    }
}
