import ArgumentParser
import Directory
import Model
import ProgramSupport
import System

/// The directory of a command.
struct DirectoryOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The directory: sqlite:PATH or postgres://USER@HOST/NAME. (default: $HOOKLINE_DIRECTORY, or the content of "
                + "the file $HOOKLINE_DIRECTORY_FILE, else \(DirectoryLocation.default))",
            valueName: "location"))
    var directory: String?

    /// The directory that `reader` has opened.
    private let opened = Lock<(any DirectoryDatabase)?>(nil)

    private enum CodingKeys: CodingKey {
        case directory
    }

    /// The directory, for reading; the same one each time, with its connections.
    func reader() throws(CommandFailure) -> any DirectoryDatabase {
        if let directory = opened.withLock({ $0 }) { return directory }
        let directory = try open()
        opened.withLock { $0 = directory }
        return directory
    }

    private func open() throws(CommandFailure) -> any DirectoryDatabase {
        let location = try location()
        var limits = DirectoryLimits()
        limits.secretKeyFile = try CommandDeliverySettings().secretKeyFile()
        // Where the setting cannot be read, the directory says which key it lacks.
        if case .postgreSQL = location { limits.encryptionKeys = try? CommandDeliverySettings().encryptionKeys() }
        return try reportingDirectoryErrors(try Hookline.opener.open(location, limits: limits))
    }

    /// The directory, for writing; an embedded one is created if absent.
    func writer() throws(CommandFailure) -> any DirectoryWriter {
        let location = try location()
        let secretKeys = SecretKeyFile(path: try CommandDeliverySettings().secretKeyFile())
        return try reportingDirectoryErrors(try Hookline.opener.openForWriting(location, secretKeys: secretKeys))
    }

    /// Whether there is a directory.
    func exists() throws(CommandFailure) -> Bool {
        let location = try location()
        return try reportingDirectoryErrors(try Hookline.opener.exists(location))
    }

    /// Whether there are tables, even if they cannot be used.
    func hasTables() throws(CommandFailure) -> Bool {
        let directory = try reader()
        do throws(DirectoryError) {
            try directory.check()
        } catch {
            if case .olderSchema(_, found: 0, _) = error { return false }
        }
        return true
    }

    /// Creates what the directory lacks, or upgrades older tables; returns one sentence about it.
    func migrate(isStandalone: Bool) throws(CommandFailure) -> String {
        let location = try location()
        return try reportingDirectoryErrors(try Hookline.opener.migrate(location, isStandalone: isStandalone))
    }

    /// The organization with this slug.
    func organization(slug: String) throws(CommandFailure) -> Organization {
        let directory = try reader()
        guard let organization = try reportingDirectoryErrors(try directory.organization(slug: slug)) else {
            throw CommandFailure(.data, "no such organization: \(slug)")
        }
        return organization
    }

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

    /// The original's rules that are followed; under `auto` those that the directory's tables fit.
    func rules() throws(CommandFailure) -> ProtocolRules {
        let choice = try CommandDeliverySettings().protocolChoice()
        guard choice == .auto else { return choice.rules(fitting: nil) }
        let directory = try reader()
        return choice.rules(fitting: try reportingDirectoryErrors(try directory.releases()))
    }

    /// The programs' settings, with this directory.
    func settings() -> CommandDeliverySettings {
        CommandDeliverySettings(options: [.directory: directory])
    }

    private func location() throws(CommandFailure) -> DirectoryLocation { try settings().directory() }
}
