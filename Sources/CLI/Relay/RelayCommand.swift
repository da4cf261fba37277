import ArgumentParser
import Directory
import Management
import Model
import WebhookRules

/// `hookline relay …`
struct RelayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Relay Sentry's own webhooks to receivers, with retries and a log.",
        discussion: """
            An integration's webhook URL in Sentry names Hookline, which delivers each webhook to the targets of the \
            app: docs/relay.md.
            """,
        subcommands: [
            RelayAdd.self, RelayList.self, RelayRemove.self, RelayDisable.self, RelayEnable.self,
        ])
}

/// The arguments of a command about one target.
struct RelayTargetArguments: ParsableArguments {
    @OptionGroup var app: AppArgument

    @Argument(help: ArgumentHelp("The target's name.", valueName: "target"))
    var name: String

    /// The app, which has this target.
    func app(in options: DirectoryOptions) throws(CommandFailure) -> SentryApp {
        let app = try options.app(slug: app.slug)
        let targets = try app.targets()
        guard targets[name] != nil else {
            throw CommandFailure(.data, SettingsRefusal.unknownTarget(name, among: targets).message)
        }
        return app
    }
}

extension SentryApp {
    /// The targets of the app's relay.
    func targets() throws(CommandFailure) -> RelayTargets {
        guard let targets = RelayTargets(of: self) else {
            throw CommandFailure(.unavailable, "the targets of \(slug) in the directory cannot be read")
        }
        return targets
    }

    /// The path on Hookline's site to which the original sends what is to be relayed for the app.
    var relayPath: String { "/relay/\(slug)/" }
}
