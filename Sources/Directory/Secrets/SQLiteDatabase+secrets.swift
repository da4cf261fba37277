import CSQLite
import Model

extension SQLiteStatement {
    /// Reads the secrets of an app from the columns of this statement.
    func secretReader(appID: Int64) -> AppSecretReader {
        AppSecretReader(secretKeys, appID: appID, location: path)
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

    /// Whether there are encrypted secrets; asked once in each transaction, as other programs may encrypt them.
    private func holdsEncryptedSecrets() throws(SQLiteError) -> Bool {
        if let known = holdsEncrypted { return known }
        let found = try integer(SecretColumn.anyEncrypted(SecretColumn.embedded)) == 1
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
