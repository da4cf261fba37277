import ArgumentParser
import Directory

/// Which directory a command works on.
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

    /// The directory, for writing; made if it is not there.
    func writer() throws(CommandFailure) -> SQLiteDirectoryWriter {
        let path = try path()
        return try reportingDirectoryErrors { () throws(DirectoryError) in try SQLiteDirectoryWriter(path: path) }
    }

    private func path() throws(CommandFailure) -> String {
        let setting = Setting(option: directory, variable: "HOOKLINE_DIRECTORY", optionName: "--directory")
        guard let text = setting.text else { return path(of: .default) }
        do throws(DirectoryLocation.ParseError) {
            return path(of: try DirectoryLocation(parsing: text))
        } catch {
            throw CommandFailure(.configuration, "\(setting.source): \(error)")
        }
    }

    private func path(of location: DirectoryLocation) -> String {
        switch location {
        case .sqlite(let path): path
        }
    }
}
