import ArgumentParser
import Directory

/// `hookline directory …`
struct DirectoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory",
        abstract: "Read and write the directory: organizations, users, apps, installations, tokens.",
        subcommands: [
            DirectoryImport.self, DirectoryExport.self, DirectoryMigrate.self, DirectoryEncrypt.self,
            DirectoryDecrypt.self,
        ])
}

/// `hookline directory migrate`
struct DirectoryMigrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Create the directory's file and tables, or upgrade older ones.",
        discussion: """
            Programs that only read the directory never upgrade it: run this once after an update that requires it. \
            'hookline directory import' upgrades it as well.
            """)

    @Flag(help: "PostgreSQL: create all tables in an empty database, for a directory of its own.")
    var standalone = false

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        try StandardStreams.writeResult(try options.migrate(isStandalone: standalone) + "\n", of: .change)
    }
}
