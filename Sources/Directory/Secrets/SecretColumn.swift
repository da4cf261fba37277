import Model

/// A column with secrets, in one of the stores.
package struct SecretColumn: Hashable, Sendable {
    /// How a store's statements write parameters.
    package enum Dialect: Sendable {
        case sqlite, postgreSQL

        /// - Parameter number: from 1 on.
        fileprivate func text(_ number: Int) -> String { self == .sqlite ? "?\(number)" : "$\(number)" }
        fileprivate func integer(_ number: Int) -> String { self == .sqlite ? "?\(number)" : "$\(number)::bigint" }
    }

    package let table: String
    /// The columns of the table's key; the first is the app's id.
    package let keys: [String]
    package let name: String
    private let dialect: Dialect

    package init(_ table: String, _ keys: [String], _ name: String, _ dialect: Dialect) {
        (self.table, self.keys, self.name, self.dialect) = (table, keys, name, dialect)
    }

    /// The key of each row with a secret, and what is stored.
    package var texts: String {
        "SELECT \(keys.joined(separator: ", ")), \(name) FROM \(table) WHERE \(name) <> ''"
    }

    /// Stores the parameter 1 in the row whose key is the other parameters.
    package var update: String { "UPDATE \(table) SET \(name) = \(dialect.text(1)) WHERE \(condition(first: 2))" }

    /// Removes the secret from the row whose key is the parameters.
    package var removal: String {
        isRow
            ? "DELETE FROM \(table) WHERE \(condition(first: 1))"
            : "UPDATE \(table) SET \(name) = NULL WHERE \(condition(first: 1))"
    }

    /// Whether one of the columns has an encrypted secret, as the only value.
    package static func anyEncrypted(_ columns: [SecretColumn]) -> String {
        let conditions = columns.map {
            "EXISTS (SELECT 1 FROM \($0.table) WHERE \($0.name) LIKE '\(Secret.encryptedPrefix)%')"
        }
        return "SELECT \(conditions.joined(separator: " OR "))"
    }

    private func condition(first: Int) -> String {
        keys.enumerated().map { "\($1) = \(dialect.integer($0 + first))" }.joined(separator: " AND ")
    }

    /// Whether a row is nothing without its secret.
    private var isRow: Bool { keys.count > 1 }

    /// Whether an app needs the secret: a new one is made where it is lost.
    package var isClientSecret: Bool { name == "client_secret" }

    /// What the column has, for people.
    package var title: String {
        switch name {
        case "client_secret": "client secret"
        case "signing_key": "private key"
        case "relay_targets": "relay targets"
        case "secret": "previous secret"
        default: "header"
        }
    }
}

/// A stored secret.
package struct SecretRow: Hashable, Sendable {
    package let column: SecretColumn
    /// The first is the app's id.
    package let keys: [Int64]
    /// As it is stored, encrypted or not.
    package let text: String

    package init(_ column: SecretColumn, _ keys: [Int64], _ text: String) {
        (self.column, self.keys, self.text) = (column, keys, text)
    }

    package var appID: Int64 { keys[0] }
}
