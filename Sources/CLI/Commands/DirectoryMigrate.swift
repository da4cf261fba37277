import ArgumentParser
import Directory

/// `hookline directory migrate`
struct DirectoryMigrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Make the directory's file and tables, or bring older ones up to date.",
        discussion: """
            Programs that only read the directory never change its tables: after an update that asks for it, run this \
            once. Every command that writes does it as well.
            """)

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let writer = try options.writer()
        try StandardStreams.writeResult("\(writer.path) is up to date.\n")
    }
}
