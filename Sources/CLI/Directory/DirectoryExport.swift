import ArgumentParser
import Directory
import Glibc
import Management
import Model
import System
import WireJSON

/// `hookline directory export`
struct DirectoryExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the whole directory as a directory document.",
        discussion: """
            'import --replace' of an export restores the same directory. API tokens appear as SHA-256 only. The apps' \
            client secrets and the values of their custom headers appear in plain text, because webhooks are signed \
            with the secrets and carry the headers: protect the file like the directory. With --output the file is \
            written atomically, and only you can read it.

            Example:
              hookline directory export --output backup.json
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write, with mode 0600. (default: standard output)", valueName: "file"))
    var output: String?

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        // Before it is read: changes made meanwhile count as made since the export.
        let time = Timestamp.now()
        var document = try reportingDirectoryErrors(try directory.document())
        document.exportedAt = time
        // The rest is worth more than nothing.
        StandardStreams.warnOfDamage(document.apps.lazy.map(\.app))
        let json = try reportingDirectoryErrors(try DirectoryDocumentWriter.json(document))
        guard let output else {
            Self.warnIfOthersCanRead()
            return try StandardStreams.writeResult(json.prettyText)
        }
        do throws(FileError) {
            try PrivateFile(path: output).write(TerminalText.escaped(json.prettyText, keepsLines: true))
        } catch {
            throw CommandFailure(.cannotCreate, error.description)
        }
    }

    /// The shell makes a file with the mode that the umask leaves.
    private static func warnIfOthersCanRead() {
        var facts = stat()
        guard fstat(STDOUT_FILENO, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_mode & 0o077 != 0 else {
            return
        }
        StandardStreams.error.write(
            "hookline: warning: others can read this file, and it contains client secrets and the values of custom "
                + "headers: use --output\n")
    }
}
