import ArgumentParser

/// `hookline queue …`
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Show what waits to be delivered, and deal with what was given up.",
        subcommands: [
            QueueStatus.self, QueueList.self, QueueInspect.self, QueueRedrive.self, QueueDelete.self,
        ])
}
