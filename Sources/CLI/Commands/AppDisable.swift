import ArgumentParser
import Directory
import Model

/// `hookline app disable`
struct AppDisable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Stop all webhooks of an app until it is enabled again.",
        discussion: """
            The app's subscriptions are cleared and kept for 'hookline app enable'. The audit log of the owning \
            organization gets an entry; nobody gets mail, unlike when Hookline disables an app that is broken. Running \
            workers notice it as soon as they ask the directory again (HOOKLINE_DIRECTORY_CACHE_SECONDS, 5 unless set).

            Example:
              hookline app disable release-radar --reason 'floods its own receiver'
            """)

    @Argument(help: "The app's slug.")
    var slug: String

    @Option(help: "Why, for those who wonder later: one line of at most \(AppDisable.maximumReasonByteCount) bytes.")
    var reason: String

    @OptionGroup var options: DirectoryOptions

    static let maximumReasonByteCount = 500

    func run() throws {
        guard !reason.isEmpty, reason.utf8.count <= Self.maximumReasonByteCount,
            reason.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw CommandFailure(
                .data,
                "--reason: must be one line of 1 to \(Self.maximumReasonByteCount) bytes without control characters")
        }
        let directory = try options.reader()
        let app = try options.app(slug: slug)
        let audit = AuditEntry.Draft(event: AuditEntry.integrationDisabled, by: OperatorName.current(), on: app)
        let isDone = try reportingDirectoryErrors { () throws(DirectoryError) in
            try directory.disable(appID: app.id, reason: reason, audit: audit, notifies: false)
        }
        guard isDone else { throw CommandFailure(.data, "the app \"\(slug)\" is disabled already") }
        try StandardStreams.writeResult("Disabled \(slug).\n")
    }
}
