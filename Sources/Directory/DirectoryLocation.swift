/// Where the directory is stored: the setting `HOOKLINE_DIRECTORY`.
package enum DirectoryLocation: Hashable, Sendable, CustomStringConvertible {
    /// The embedded directory in the file at `path`.
    case sqlite(path: String)

    /// The setting's default.
    package static let `default` = DirectoryLocation.sqlite(path: "/var/lib/hookline/directory.sqlite")

    /// Why a value of the setting is invalid.
    package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// Reads the setting: `sqlite:` and a path.
    package init(parsing text: String) throws(ParseError) {
        let scheme = "sqlite:"
        guard text.hasPrefix(scheme) else {
            throw ParseError("\"\(text)\" is not a valid directory location; use \(scheme)PATH")
        }
        let path = String(text.dropFirst(scheme.utf8.count))
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw ParseError("\"\(text)\" names no file; use \(scheme)PATH")
        }
        self = .sqlite(path: path)
    }

    package var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        }
    }
}
