import Directory
import Model
import PostgreSQL
import PostgreSQLDirectory
import TestSupport

/// The stores that must behave the same.
enum DirectoryCase: CaseIterable, Sendable {
    case sqlite
    case postgreSQL

    /// A directory with the rows of `document`.
    func make(_ document: DirectoryDocument = .sample) throws -> StoreFixture {
        switch self {
        case .sqlite: StoreFixture(store: .sqlite(try DirectoryFixture(document)))
        case .postgreSQL: StoreFixture(store: .postgreSQL(try PostgreSQLFixture(document)))
        }
    }
}

/// A stand-alone directory in a PostgreSQL database; it is read with the role of `role.sql`, and written with the one
/// that owns its tables.
struct PostgreSQLFixture {
    let database: PostgreSQLDatabase
    let directory: PostgreSQLDirectory

    init(_ document: DirectoryDocument) throws {
        database = try .standalone()
        directory = try Self.open(database)
        try writer().importDocument(document, isReplacing: false, at: DirectoryFixture.imported)
    }

    static func open(_ database: PostgreSQLDatabase) throws -> PostgreSQLDirectory {
        PostgreSQLDirectory(address: try database.address(), connectionCount: 12)
    }

    /// The directory, opened with the role that owns its tables.
    func owned() throws -> PostgreSQLDirectory {
        PostgreSQLDirectory(address: try database.address(user: "postgres"), connectionCount: 8)
    }

    func writer() throws -> PostgreSQLDirectoryWriter {
        PostgreSQLDirectoryWriter(address: try database.address(user: "postgres"))
    }
}

/// A directory in one of the stores.
struct StoreFixture {
    enum Store {
        case sqlite(DirectoryFixture)
        case postgreSQL(PostgreSQLFixture)
    }

    let store: Store

    var directory: any DirectoryDatabase {
        switch store {
        case .sqlite(let fixture): fixture.directory
        case .postgreSQL(let fixture): fixture.directory
        }
    }

    /// The same directory, as another program opens it.
    func another() throws -> any DirectoryDatabase {
        switch store {
        case .sqlite(let fixture): SQLiteDirectory(path: fixture.path)
        case .postgreSQL(let fixture): try PostgreSQLFixture.open(fixture.database)
        }
    }

    func writer() throws -> any DirectoryWriter {
        switch store {
        case .sqlite(let fixture): try SQLiteDirectoryWriter(path: fixture.path)
        case .postgreSQL(let fixture): try fixture.writer()
        }
    }

    func importDocument(
        _ document: DirectoryDocument, isReplacing: Bool = false, at now: Timestamp = DirectoryFixture.imported
    ) throws {
        try writer().importDocument(document, isReplacing: isReplacing, at: now)
    }

    /// The problems of an import that must fail.
    func problems(of document: DirectoryDocument, isReplacing: Bool = false) throws -> [String] {
        do {
            try importDocument(document, isReplacing: isReplacing)
        } catch let error as DirectoryImportError {
            guard case .problems(let problems, _) = error else { throw error }
            return problems.map(\.description)
        }
        return []
    }

    func token(_ text: String) throws -> APIToken? { try directory.token(PresentedCredential(text)) }
}
