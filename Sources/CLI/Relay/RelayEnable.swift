import ArgumentParser
import Directory
import Model
import Queue
import Redis
import WireJSON

/// `hookline relay enable`
struct RelayEnable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Enable a disabled target of an app's relay, and forget its failures.",
        discussion: """
            Webhooks that arrived while it was disabled are dead letters, which 'hookline queue redrive --all --app \
            APP' sends. The audit log of the owning organization gets an entry.

            Example:
              hookline relay enable ci chat
            """)

    @OptionGroup var target: RelayTargetArguments
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func run() throws {
        let app = try target.app(in: options)
        let change = try RelayTargetSwitch(target, of: app, options, redisOptions)
        guard try change.disabling() != nil else {
            throw CommandFailure(.data, "the target \(target.name) of \(app.slug) is not disabled")
        }
        try change.record(AuditEntry.targetEnabled, at: .now())
        _ = try reportingRedisErrors(try change.states.enable(change.destination))
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)), .init(name: "target", value: .string(target.name)),
            ]),
            text: "Enabled the target \(target.name) of \(app.slug). 'hookline queue redrive --all --app \(app.slug)' "
                + "sends the dead letters.\n", of: .change)
    }
}
