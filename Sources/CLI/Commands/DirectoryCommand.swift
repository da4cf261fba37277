import ArgumentParser

/// `hookline directory …`
struct DirectoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory",
        abstract: "Read and write the directory: organizations, users, apps, installations, tokens.",
        subcommands: [DirectoryImport.self, DirectoryExport.self, DirectoryMigrate.self])
}
