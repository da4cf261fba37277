import CPostgreSQL
import Foundation

/// A simple connection, with which tests access PostgreSQL without the code under test. Waits for ever.
package final class PostgreSQLTestConnection {
    /// What such connections are called in the server's list.
    static let name = "hookline-tests"

    private let handle: OpaquePointer

    init(folder: String, port: UInt16, database: String) throws {
        let text = "host='\(folder)' port=\(port) user=postgres dbname='\(database)' application_name=\(Self.name)"
        guard let handle = PQconnectdb(text) else { throw TestSupportError("out of memory") }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else {
            throw TestSupportError("cannot connect: \(String(cString: PQerrorMessage(handle)))")
        }
        hookline_pq_drop_notices(handle)
    }

    deinit {
        PQfinish(handle)
    }

    /// Executes statements separated by semicolons; several are one transaction.
    package func execute(_ statements: String) throws {
        _ = try rows(statements)
    }

    /// The rows of the last statement; NULL is nil.
    package func rows(_ statements: String) throws -> [[String?]] {
        let result = PQexec(handle, statements)
        defer { PQclear(result) }
        guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
            throw TestSupportError("\(statements): \(String(cString: PQerrorMessage(handle)))")
        }
        return (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { column in
                PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
            }
        }
    }
}
