import CSQLite
import Model

extension SQLiteStatement {
    /// The secret in a column, encrypted or not.
    func secret(_ column: Int32) throws(DirectoryError) -> Secret {
        do throws(SecretKeyProblem) {
            return try secretKeys.secret(text(column))
        } catch {
            throw .unavailable(location: path, reason: error.description)
        }
    }

    func optionalSecret(_ column: Int32) throws(DirectoryError) -> Secret? {
        optionalText(column) == nil ? nil : try secret(column)
    }
}

extension SQLiteDatabase {
    /// The value of a column for a secret: encrypted where there is a key.
    func stored(_ secret: Secret) throws(SQLiteError) -> SQLiteValue {
        do throws(SecretKeyProblem) {
            return .text(try secretKeys.stored(secret))
        } catch {
            throw SQLiteError(keys: error)
        }
    }

    /// The same for a secret that there may be.
    func storedOptional(_ secret: Secret?) throws(SQLiteError) -> SQLiteValue {
        guard let secret else { return .null }
        return try stored(secret)
    }
}

extension SQLiteError {
    /// A secret that cannot be read or stored.
    init(keys problem: SecretKeyProblem) {
        self.init(operation: "use a secret", code: SQLITE_AUTH, message: problem.description)
    }
}
