package import Model

/// Where the directory is stored: the setting `HOOKLINE_DIRECTORY`.
package enum DirectoryLocation: Hashable, Sendable, CustomStringConvertible {
    /// The embedded directory in the file at `path`.
    case sqlite(path: String)
    /// A PostgreSQL database, by its URL as written: only programs that link libpq read it.
    case postgreSQL(url: Secret)

    /// The setting's default.
    package static let `default` = DirectoryLocation.sqlite(path: "/var/lib/hookline/directory.sqlite")

    private static let sqliteScheme = "sqlite:"
    private static let postgreSQLSchemes = ["postgres://", "postgresql://"]

    /// Why a value of the setting is invalid.
    package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// Reads the setting: `sqlite:` and a path, or a URL with the scheme `postgres` or `postgresql`.
    package init(parsing text: String) throws(ParseError) {
        if Self.postgreSQLSchemes.contains(where: text.hasPrefix) {
            self = .postgreSQL(url: Secret(text))
            return
        }
        guard text.hasPrefix(Self.sqliteScheme) else {
            throw ParseError("\"\(text)\" is not a valid directory location; use sqlite:PATH or postgres://HOST/NAME")
        }
        let path = String(text.dropFirst(Self.sqliteScheme.utf8.count))
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw ParseError("\"\(text)\" names no file; use sqlite:PATH")
        }
        self = .sqlite(path: path)
    }

    /// Without the URL, which may have a password.
    package var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgreSQL: "postgres://"
        }
    }
}
