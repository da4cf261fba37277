import CSQLite
import Model

extension SQLiteStatement {
    /// The secret in a column, encrypted or not.
    ///
    /// - Parameter name: for messages.
    func secret(_ column: Int32, _ name: @autoclosure () -> String) throws(DirectoryError) -> Secret {
        do throws(SecretKeyProblem) {
            return try secretKeys.secret(text(column))
        } catch {
            throw .unavailable(location: path, reason: SecretKeyProblem.of(name: name(), error).description)
        }
    }

    func optionalSecret(_ column: Int32, _ name: @autoclosure () -> String) throws(DirectoryError) -> Secret? {
        optionalText(column) == nil ? nil : try secret(column, name())
    }
}

extension SQLiteDatabase {
    /// The value of a column for a secret: encrypted where there is a key.
    func stored(_ secret: Secret) throws(SQLiteError) -> SQLiteValue {
        if secretKeys.path == nil, !secret.exposed.isEmpty, try holdsEncryptedSecrets() {
            // Who has encrypted them expects that of all.
            throw SQLiteError(keys: .keyNeeded)
        }
        do throws(SecretKeyProblem) {
            return .text(try secretKeys.stored(secret))
        } catch {
            throw SQLiteError(keys: error)
        }
    }

    /// Whether there are encrypted secrets; asked once for each connection.
    private func holdsEncryptedSecrets() throws(SQLiteError) -> Bool {
        if let known = holdsEncrypted { return known }
        let conditions = SecretColumn.embedded.map {
            "EXISTS (SELECT 1 FROM \($0.table) WHERE \($0.name) LIKE '\(Secret.encryptedPrefix)%')"
        }
        let found = try integer("SELECT \(conditions.joined(separator: " OR "))") == 1
        holdsEncrypted = found
        return found
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
