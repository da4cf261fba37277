import ArgumentParser
import Directory
import ProgramSupport

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
        path(of: try CommandDeliverySettings(options: [.directory: directory]).directory())
    }

    private func path(of location: DirectoryLocation) -> String {
        switch location {
        case .sqlite(let path): path
        }
    }
}
