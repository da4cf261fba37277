import ArgumentParser

/// `hookline log …`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show the webhook request log of an app, or add to it.",
        subcommands: [LogShow.self, LogAdd.self])
}
