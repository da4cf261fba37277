import ArgumentParser
import Glibc
import ProgramSupport

/// `hookline`: the operators' command line.
@main
struct Hookline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hookline",
        abstract: "Manage a Hookline deployment: its directory, tokens, log, events and queues.",
        discussion: """
            Settings that the programs share come from the environment or from the option of the same meaning, which \
            wins: HOOKLINE_DIRECTORY (--directory), HOOKLINE_REDIS or HOOKLINE_REDIS_FILE (--redis), HOOKLINE_EVENTS (--events).

            Exit status: 0 done; 64 wrong usage; 65 wrong data in a file or argument; 66 input cannot be read; 69 the \
            directory or Redis cannot be used; 73 output cannot be written; 75 the queue is full, try later; 78 wrong \
            setting.
            """,
        subcommands: [
            DirectoryCommand.self, TokenCommand.self, AppCommand.self, LogCommand.self, EventCommand.self,
            QueueCommand.self, WhyCommand.self, DemoCommand.self, SettingsCommand.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            warnOfUnknownVariables()
            try command.run()
        } catch let failure as CommandFailure {
            StandardStreams.error.write("hookline: \(failure.message)\n")
            Glibc.exit(failure.status.rawValue)
        } catch {
            exit(withError: error)
        }
    }

    /// A mistyped name would else be a setting that silently does not hold.
    private static func warnOfUnknownVariables() {
        for error in SettingValues.unknownVariables(in: ProcessEnvironment.all()) {
            StandardStreams.error.write("hookline: warning: \(error)\n")
        }
    }
}
