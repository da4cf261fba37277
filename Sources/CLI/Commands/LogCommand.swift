import ArgumentParser
import Directory
import Model

/// `hookline log …`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show the webhook request log of an app, or add to it.",
        subcommands: [LogShow.self, LogAdd.self])
}

extension DirectoryOptions {
    /// The app with this slug.
    func app(slug: String) throws(CommandFailure) -> SentryApp {
        let directory = try reader()
        let found = try reportingDirectoryErrors { () throws(DirectoryError) in try directory.app(slug: slug) }
        guard let found else {
            throw CommandFailure(.data, "the directory has no app with the slug \"\(slug)\"")
        }
        return found
    }
}

extension EventCatalogue {
    /// The event with this name, if it is in the catalogue.
    func event(named name: String) throws(CommandFailure) -> EventType {
        let event = EventType(rawValue: name)
        guard contains(event) else {
            let names = events.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(.data, "\"\(name)\" is not an event that can be stored: \(names)")
        }
        return event
    }
}
