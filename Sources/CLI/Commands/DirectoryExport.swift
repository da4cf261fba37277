import ArgumentParser
import Directory

/// `hookline directory export`
struct DirectoryExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the whole directory to standard output as a directory document.",
        discussion: """
            What it writes can be imported again: 'import --replace' of an export gives the same directory. API \
            tokens appear as SHA-256 only. The apps' client secrets appear in clear, because webhooks are signed \
            with them: keep the file as safe as the directory itself.

            Example:
              (umask 077; hookline directory export > backup.json)
            """)

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        let json = try reportingDirectoryErrors { () throws(DirectoryError) in
            try DirectoryDocumentWriter.json(try directory.document())
        }
        try StandardStreams.writeResult(json.prettyText)
    }
}
