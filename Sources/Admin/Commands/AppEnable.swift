import ArgumentParser
import Directory
import Model

/// `hookline app enable`
struct AppEnable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Give a disabled app its subscriptions back.",
        discussion: """
            The audit log of the owning organization gets an entry. What happened while the app was disabled is not \
            sent afterwards.

            Example:
              hookline app enable release-radar
            """)

    @Argument(help: "The app's slug.")
    var slug: String

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        let app = try options.app(slug: slug)
        let audit = AuditEntry.Draft(event: AuditEntry.integrationEnabled, by: OperatorName.current(), on: app)
        let isDone = try reportingDirectoryErrors { () throws(DirectoryError) in
            try directory.enable(appID: app.id, audit: audit)
        }
        guard isDone else { throw CommandFailure(.data, "the app \"\(slug)\" is not disabled") }
        let enabled = try options.app(slug: slug)
        let events = enabled.events.isEmpty ? "no events" : enabled.events.joined(separator: ", ")
        try StandardStreams.writeResult("Enabled \(slug), subscribed to \(events).\n")
    }
}
