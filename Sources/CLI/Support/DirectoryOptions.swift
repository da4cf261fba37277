import ArgumentParser
import Directory
import Glibc
import Model
import ProgramSupport

/// The directory of a command.
struct DirectoryOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The directory: sqlite: and a path. (default: $HOOKLINE_DIRECTORY, else \(DirectoryLocation.default))",
            valueName: "location"))
    var directory: String?

    /// The directory, for reading.
    func reader() throws(CommandFailure) -> SQLiteDirectory {
        SQLiteDirectory(path: try path())
    }

    /// The directory, for writing; created if absent.
    func writer() throws(CommandFailure) -> SQLiteDirectoryWriter {
        let path = try path()
        return try reportingDirectoryErrors(try SQLiteDirectoryWriter(path: path))
    }

    /// Whether there is a directory.
    func exists() throws(CommandFailure) -> Bool { access(try path(), F_OK) == 0 }

    /// The app with this slug.
    func app(slug: String) throws(CommandFailure) -> SentryApp {
        let directory = try reader()
        guard let app = try reportingDirectoryErrors(try directory.app(slug: slug)) else {
            throw CommandFailure(.data, "no such app: \(slug)")
        }
        return app
    }

    /// The id of the app with this slug; nil when no slug is given.
    func appID(slug: String?) throws(CommandFailure) -> Int64? {
        guard let slug else { return nil }
        return try app(slug: slug).id
    }

    /// The user with this user name, e-mail address or id.
    func user(named text: String) throws(CommandFailure) -> User {
        let directory = try reader()
        if let user = try reportingDirectoryErrors(try directory.user(login: text)) { return user }
        guard let id = Int64(text), let user = try reportingDirectoryErrors(try directory.user(id: id)) else {
            throw CommandFailure(.data, "no such user: \(text)")
        }
        return user
    }

    private func path() throws(CommandFailure) -> String {
        path(of: try CommandDeliverySettings(options: [.directory: directory]).directory())
    }

    private func path(of location: DirectoryLocation) -> String {
        switch location {
        case .sqlite(let path): path
        case .postgreSQL: preconditionFailure("the settings refuse it")
        }
    }
}
