import ArgumentParser
import Directory

/// `hookline token revoke`
struct TokenRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Remove API tokens, all that are named or none.",
        discussion: """
            A running responder may take a revoked token for as long as it remembers answers of the directory \
            (HOOKLINE_DIRECTORY_CACHE_SECONDS, 5 unless set).

            Example:
              hookline token revoke 7 8
            """)

    @Argument(help: "The tokens' numbers, as 'hookline token list' shows them.")
    var ids: [Int64]

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        // A directory that is not there is a mistake here, not one to make.
        let directory = try options.reader()
        try reportingDirectoryErrors { () throws(DirectoryError) in try directory.check() }
        let writer = try options.writer()
        try reportingDirectoryErrors { () throws(DirectoryError) in try writer.removeTokens(ids: ids) }
        try StandardStreams.writeResult("Revoked \(ids.count == 1 ? "1 token" : "\(ids.count) tokens").\n")
    }
}
