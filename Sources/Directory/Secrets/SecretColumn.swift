/// A column with secrets, in one of the stores.
package struct SecretColumn: Hashable, Sendable {
    package let table: String
    /// The columns of the table's key; the first is the app's id.
    package let keys: [String]
    package let name: String

    package init(_ table: String, _ keys: [String], _ name: String) {
        (self.table, self.keys, self.name) = (table, keys, name)
    }

    /// The key of each row with a secret, and what is stored.
    package var texts: String {
        "SELECT \(keys.joined(separator: ", ")), \(name) FROM \(table) WHERE \(name) <> ''"
    }

    /// Stores the parameter 1 in the row whose key is the other parameters.
    var update: String { "UPDATE \(table) SET \(name) = ?1 WHERE \(condition(first: 2))" }

    /// Removes the secret from the row whose key is the parameters.
    var removal: String {
        isRow
            ? "DELETE FROM \(table) WHERE \(condition(first: 1))"
            : "UPDATE \(table) SET \(name) = NULL WHERE \(condition(first: 1))"
    }

    private func condition(first: Int) -> String {
        keys.enumerated().map { "\($1) = ?\($0 + first)" }.joined(separator: " AND ")
    }

    /// Whether a row is nothing without its secret.
    package var isRow: Bool { keys.count > 1 }

    /// Whether an app needs the secret: a new one is made where it is lost.
    package var isClientSecret: Bool { name == "client_secret" }
}

/// What is to become of all stored secrets.
package enum SecretRewriting: Hashable, Sendable {
    /// Encrypted with the first key of the file.
    case encrypted
    /// The same; of those that cannot be read, client secrets are replaced by new ones, and others are removed.
    case encryptedReplacingUnreadable
    case unencrypted

    /// What happens to one of them.
    package enum Action: Hashable, Sendable {
        case keep
        case replace(String)
        /// It cannot be read: a new one takes its place.
        case renew(String)
        /// It cannot be read.
        case remove
    }

    /// What is to be done with `text`.
    package func action(
        for text: String, in column: SecretColumn, _ keys: SecretKeyFile
    ) throws(SecretKeyProblem) -> Action {
        do throws(SecretKeyProblem) {
            return try keys.rewritten(text, encrypting: self != .unencrypted).map(Action.replace) ?? .keep
        } catch {
            guard self == .encryptedReplacingUnreadable, error.isAboutSecret else { throw error }
            return column.isClientSecret ? .renew(try keys.stored(Sodium.randomSecret())) : .remove
        }
    }
}

/// What `rewriteSecrets` has done.
package struct RewrittenSecrets: Hashable, Sendable {
    /// How many were replaced.
    package var count = 0
    /// The apps of which something could not be read.
    package var repairedApps: Set<Int64> = []
    /// Whether the store may still have the former texts in parts that it does not use any more.
    package var leavesTraces = false

    package init() {}

    package mutating func note(_ action: SecretRewriting.Action, appID: Int64) {
        switch action {
        case .keep: return
        case .replace: count += 1
        case .renew, .remove:
            count += 1
            repairedApps.insert(appID)
        }
    }
}
