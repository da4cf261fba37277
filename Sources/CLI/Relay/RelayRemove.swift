import ArgumentParser
import Directory
import Management
import Model
import Queue
import Redis
import WireJSON

/// `hookline relay remove`
struct RelayRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a target from an app's relay.",
        discussion: """
            Its webhooks that wait in the queue become dead letters at their next attempt. They can be redriven once \
            the app has a target of this name again. To stop a target for a while, use 'hookline relay disable'. The \
            audit log of the owning organization gets an entry.

            Example:
              hookline relay remove ci chat
            """)

    @OptionGroup var target: RelayTargetArguments
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func run() throws {
        let name = target.name
        let app = try target.app(in: options)
        _ = try options.changeSettings(of: app.slug, event: AuditEntry.appSettingsChanged) {
            (settings) throws(SettingsRefusal) in try RelayTargetChange.remove(name: name).apply(to: &settings)
        }
        forgetState(of: app)
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)), .init(name: "target", value: .string(name)),
            ]), text: "Removed the target \(name) from \(app.slug).\n", of: .change)
    }

    /// A later target of this name is not to be disabled because of this one.
    private func forgetState(of app: SentryApp) {
        let destination = WebhookDestination(appID: app.id, target: target.name)
        do {
            _ = try RelayTargetStates(connection: try redisOptions.connection()).enable(destination)
        } catch {
            StandardStreams.error.write(
                "hookline: warning: whether \(target.name) was disabled is still in Redis, for a later target of this "
                    + "name: \((error as? CommandFailure)?.message ?? "\(error)")\n")
        }
    }
}
