import ArgumentParser

/// `hookline event …`
struct EventCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Send events to installations, look at them, send them again.",
        subcommands: [EventSend.self, EventShow.self, EventRedeliver.self])
}
