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

        package init(_ description: String) {
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
            throw ParseError(
                "\"\(Self.shown(text))\" is not a valid directory address; use sqlite:PATH or postgres://HOST/NAME")
        }
        let path = String(text.dropFirst(Self.sqliteScheme.utf8.count))
        guard !path.isEmpty, !path.utf8.contains(0), !Self.isURL(path) else {
            throw ParseError("\"\(Self.shown(text))\" names no file; use sqlite:PATH or postgres://HOST/NAME")
        }
        self = .sqlite(path: path)
    }

    /// As it would be written, a URL with its password masked and without its query.
    package var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgreSQL(let url): MaskedURL(url.exposed).text
        }
    }

    /// Whether the setting's value may hold a password: true as well where that cannot be told.
    package var hasPassword: Bool {
        switch self {
        case .sqlite: false
        case .postgreSQL(let url): MaskedURL(url.exposed).hasPassword
        }
    }

    /// A value of the setting as it may be shown, valid or not.
    package static func masked(_ text: String) -> String {
        (try? DirectoryLocation(parsing: text))?.description ?? shown(text)
    }

    /// Whether a path is the URL of something else, which may have a password: `sqlite:postgres://…`, `sqlite://u:p@h`.
    private static func isURL(_ path: String) -> Bool {
        guard let end = path.utf8.firstIndex(of: UInt8(ascii: "/")) else { return false }
        let (beginning, remainder) = (path[..<end], path[end...])
        guard remainder.hasPrefix("//") else { return false }
        return beginning.isEmpty ? !remainder.hasPrefix("///") && remainder.contains("@") : beginning.hasSuffix(":")
    }

    /// A text that is no location: a URL with a mistyped scheme may have its password anywhere.
    private static func shown(_ text: String) -> String {
        text.contains { "@=?".contains($0) } ? "***" : text
    }
}

/// What may be shown of the URL of a PostgreSQL database, as libpq reads it: `scheme://[user[:password]@]hosts[/name]`
/// and a query, which may hold a password too.
private struct MaskedURL {
    /// Scheme, user, hosts and name; only the scheme where a password could be in any of them.
    let text: String
    let hasPassword: Bool

    init(_ url: String) {
        let schemeEnd = url.firstIndex(of: ":").flatMap { url.index($0, offsetBy: 3, limitedBy: url.endIndex) }
        let scheme = url[..<(schemeEnd ?? url.endIndex)]
        let remainder = url[scheme.endIndex...]
        let question = remainder.firstIndex(of: "?") ?? remainder.endIndex
        let (head, query) = (remainder[..<question], remainder[question...])
        let parts = head.split(separator: "@", omittingEmptySubsequences: false)
        let user = parts.count > 1 ? parts[0] : ""
        guard parts.count <= 2, !user.contains("/"), !query.contains("@"),
            parts.count == 2 || Self.areHosts(head.prefix { $0 != "/" })
        else {
            (text, hasPassword) = ("\(scheme)***", true)
            return
        }
        let name = user.prefix { $0 != ":" }
        let hasUserPassword = name.utf8.count + 1 < user.utf8.count
        hasPassword = hasUserPassword || query.contains("password=")
        let login = parts.count == 1 ? "" : hasUserPassword ? "\(name):***@" : "\(name)@"
        text = scheme + login + (parts.last ?? "")
    }

    /// Whether these are hosts with ports, and not a user with a password that contains a slash.
    private static func areHosts(_ text: Substring) -> Bool {
        text.split(separator: ",").allSatisfy { host in
            let bracket = host.firstIndex(of: "]")
            let end = host[(bracket ?? host.startIndex)...]
            guard let colon = end.firstIndex(of: ":") else { return true }
            return end[colon...].dropFirst().utf8.allSatisfy { (48...57).contains($0) }
        }
    }
}
