import ArgumentParser
import Buffer
import Directory
import Model
import Queue
import Redis

/// `hookline app enable`
struct AppEnable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Give a disabled app its subscriptions back.",
        discussion: """
            The audit log of the owning organization gets an entry. What happened while the app was disabled is not \
            sent afterwards. What its webhooks failed with until now is forgotten, so that the next failure is the first \
            one; without Redis that is left out, with a warning.

            Example:
              hookline app enable release-radar
            """)

    @Argument(help: "The app's slug.")
    var slug: String

    @OptionGroup var options: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    /// Organizations whose counts are forgotten: each is one round trip to Redis.
    private static let maximumOrganizations = 10_000

    func run() throws {
        let health = FailureCounts(connection: try redisOptions.connection())
        let directory = try options.reader()
        let app = try options.app(slug: slug)
        // Before the app is enabled: while it is disabled, nothing new is counted.
        if app.disablement != nil { try forgetFailures(of: app, in: directory, health) }
        let audit = AuditEntry.Draft(event: AuditEntry.integrationEnabled, by: OperatorName.current(), on: app)
        let isDone = try reportingDirectoryErrors { () throws(DirectoryError) in
            try directory.enable(appID: app.id, audit: audit)
        }
        guard isDone else { throw CommandFailure(.data, "the app \"\(slug)\" is not disabled") }
        let enabled = try options.app(slug: slug)
        let events = enabled.events.isEmpty ? "no events" : enabled.events.joined(separator: ", ")
        try StandardStreams.writeResult("Enabled \(slug), subscribed to \(events).\n")
    }

    /// Clears the counts that the app might be disabled by again at once: of the organization that owns it and of those
    /// that have it installed.
    private func forgetFailures(
        of app: SentryApp, in directory: SQLiteDirectory, _ health: FailureCounts
    ) throws(CommandFailure) {
        let limit = AppEnable.maximumOrganizations
        let installed = try reportingDirectoryErrors { () throws(DirectoryError) in
            try directory.organizationIDs(installing: app.id, limit: limit + 1)
        }
        do throws(RedisError) {
            let now = Timestamp.now()
            for id in Set(installed.prefix(limit) + [app.ownerID]).sorted() {
                try health.clear(FailureCountKey(appID: app.id, organizationID: id), at: now)
            }
        } catch {
            StandardStreams.error.write(
                "hookline: warning: what \(slug) failed with before is still counted and may disable it again: "
                    + "\(error)\n")
        }
        if installed.count > limit {
            StandardStreams.error.write(
                "hookline: warning: \(slug) is installed in more than \(limit) organizations; in the others its "
                    + "failures are still counted\n")
        }
    }
}
