import ArgumentParser
import Directory

/// `hookline directory …`
struct DirectoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory",
        abstract: "Read and write the directory: organizations, users, apps, installations, tokens.",
        subcommands: [DirectoryImport.self, DirectoryExport.self, DirectoryMigrate.self])
}

/// `hookline directory migrate`
struct DirectoryMigrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Create the directory's file and tables, or upgrade older ones.",
        discussion: """
            Programs that only read the directory never upgrade it: run this once after an update that requires it. \
            Every command that writes the directory upgrades it as well.
            """)

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let writer = try options.writer()
        try StandardStreams.writeResult("\(writer.path) is up to date.\n")
    }
}
