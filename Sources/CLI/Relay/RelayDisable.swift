import ArgumentParser
import Directory
import Model
import Queue
import Redis
import WebhookRules
import WireJSON

/// `hookline relay disable`
struct RelayDisable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Send nothing more to a target of an app's relay until it is enabled again.",
        discussion: """
            Its webhooks become dead letters, those that wait in the queue at their next attempt; other targets of the \
            app are not touched. While all targets of an app are disabled, Sentry gets an error for each webhook, and \
            nothing is kept. The audit log of the owning organization gets an entry.

            Example:
              hookline relay disable ci chat --reason 'receiver overloaded'
            """)

    @OptionGroup var target: RelayTargetArguments

    @Option(
        help: "The reason, for those who look: one line of at most \(AppDisable.maximumReasonByteCount) bytes.")
    var reason: String?

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func run() throws {
        if let reason { try AppDisable.check(reason: reason) }
        let app = try target.app(in: options)
        let (change, now) = (try RelayTargetSwitch(target, of: app, options, redisOptions), Timestamp.now())
        guard try change.disabling() == nil else {
            throw CommandFailure(.data, "the target \(target.name) of \(app.slug) is already disabled")
        }
        try change.record(AuditEntry.targetDisabled, at: now)
        let text = "was disabled by \(OperatorName.current())" + (reason.map { ": \($0)" } ?? "")
        let disabling = TargetDisabling(date: now, reason: text)
        _ = try reportingRedisErrors(try change.states.disable(change.destination, disabling))
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)), .init(name: "target", value: .string(target.name)),
            ]), text: "Disabled the target \(target.name) of \(app.slug).\n", of: .change)
    }
}

/// Disabling or enabling one target of an app.
struct RelayTargetSwitch {
    let destination: WebhookDestination
    let states: RelayTargetStates
    private let app: SentryApp
    private let directory: any DirectoryDatabase

    /// - Parameter app: one that has the target.
    init(
        _ target: RelayTargetArguments, of app: SentryApp, _ options: DirectoryOptions, _ redisOptions: RedisOptions
    ) throws(CommandFailure) {
        self.app = app
        destination = WebhookDestination(appID: app.id, target: target.name)
        directory = try options.reader()
        states = RelayTargetStates(connection: try redisOptions.connection())
    }

    /// Since when and why it is disabled; nil when it is not.
    func disabling() throws(CommandFailure) -> TargetDisabling? {
        try reportingRedisErrors(try states.disabled(appID: app.id))[destination.target ?? ""]
    }

    /// Writes the entry of the audit log, before the change: what cannot be logged is not done.
    func record(_ event: Int, at now: Timestamp) throws(CommandFailure) {
        let audit = AuditEntry.Draft(
            target: destination.target ?? "", of: app, event: event, actorLabel: OperatorName.current(), date: now)
        try reportingDirectoryErrors(try directory.record(audit))
    }
}
