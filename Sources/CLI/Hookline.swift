import ArgumentParser
import Glibc
import ProgramSupport

/// `hookline`: the command line for operators.
@main
struct Hookline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hookline",
        abstract: "Manage a Hookline deployment: its directory, tokens, log, events and queues.",
        discussion: """
            The settings shared by all programs come from the environment; an option overrides its variable: \
            HOOKLINE_DIRECTORY (--directory), HOOKLINE_REDIS or HOOKLINE_REDIS_FILE (--redis), HOOKLINE_EVENTS \
            (--events).

            Exit status: 0 success; 64 invalid usage; 65 invalid data in a file or argument; 66 input cannot be read; \
            69 the directory or Redis cannot be used; 73 output cannot be written; 75 the queue is full, try later; 78 \
            invalid setting.
            """,
        subcommands: [
            DirectoryCommand.self, TokenCommand.self, AppCommand.self, LogCommand.self, EventCommand.self,
            QueueCommand.self, WhyCommand.self, DemoCommand.self, SettingsCommand.self,
        ])

    static func main() {
        CoreDumps.forbid()
        do throws(CommandFailure) {
            try runCommand()
        } catch {
            StandardStreams.error.write("hookline: \(error.message)\n")
            Glibc.exit(error.status.rawValue)
        }
    }

    private static func runCommand() throws(CommandFailure) {
        do {
            var command = try parseAsRoot()
            warnOfUnknownVariables()
            // An error in the settings is reported by the commands that need them.
            if (try? CommandDeliverySettings().allowsCoreDumps()) == true { CoreDumps.allow() }
            try command.run()
        } catch let failure as CommandFailure {
            throw failure
        } catch  where exitCode(for: error).isSuccess {
            // The help, which the library would print without noticing that it cannot be written.
            try StandardStreams.writeResult(fullMessage(for: error) + "\n")
        } catch {
            exit(withError: error)
        }
    }

    /// Otherwise a mistyped variable would be ignored silently.
    private static func warnOfUnknownVariables() {
        for error in SettingValues.unknownVariables(in: ProcessEnvironment.all()) {
            StandardStreams.error.write("hookline: warning: \(error)\n")
        }
    }
}
