import ArgumentParser
import Directory
import Glibc
import PostgreSQLDirectory
import ProgramSupport

/// `hookline`: the command line for operators.
@main
struct Hookline: ParsableCommand {
    /// Decides which kinds of directories the commands can use, and which libraries the program links for them.
    static let opener: any DirectoryOpening = PostgreSQLDirectoryOpener()

    static let configuration = CommandConfiguration(
        commandName: "hookline",
        abstract: "Manage a Hookline deployment: its directory, tokens, log, events and queues.",
        discussion: """
            The settings shared by all programs come from the settings file \(SettingsFile.installedPath), or the one \
            that HOOKLINE_SETTINGS_FILE names (none: no file), and from the environment, which overrides it; an option \
            overrides both. For example: HOOKLINE_DIRECTORY or HOOKLINE_DIRECTORY_FILE (--directory), HOOKLINE_REDIS \
            or HOOKLINE_REDIS_FILE (--redis), HOOKLINE_EVENTS (--events).

            Exit status: 0 success; 1 "why": the event would not be delivered; 64 invalid usage; 65 invalid data in a \
            file or argument; 66 input cannot be read; 69 the directory or Redis cannot be used; 73 output cannot be \
            written; 75 the queue is full, try later; 78 invalid setting.
            """,
        subcommands: [
            DirectoryCommand.self, OrganizationCommand.self, UserCommand.self, MemberCommand.self, TokenCommand.self,
            AppCommand.self, InstallationCommand.self, RelayCommand.self, LogCommand.self, EventCommand.self,
            RedeliveryCommand.self, QueueCommand.self, WhyCommand.self, AuditCommand.self, DemoCommand.self,
            SettingsCommand.self,
        ])

    static func main() {
        CoreDumps.forbid()
        StandardDescriptors.openClosed()
        do {
            var command = try parseAsRoot()
            warnOfUnknownVariables()
            // An error in the settings is reported by the commands that need them.
            if (try? CommandDeliverySettings().allowsCoreDumps()) == true { CoreDumps.allow() }
            try command.run()
        } catch let failure as CommandFailure {
            end(failure)
        } catch {
            end(error)
        }
    }

    private static func end(_ failure: CommandFailure) -> Never {
        StandardStreams.error.write("hookline: \(failure.message)\n")
        Glibc.exit(failure.status.rawValue)
    }

    /// Ends as `exit(withError:)` does: with help on standard output, or with a message about the arguments on standard
    /// error.
    private static func end(_ error: any Error) -> Never {
        let status = exitCode(for: error)
        let text = fullMessage(for: error)
        guard !text.isEmpty else { Glibc.exit(status.rawValue) }
        guard status == .success else {
            StandardStreams.error.write(text + "\n")
            Glibc.exit(status.rawValue)
        }
        do throws(CommandFailure) {
            try StandardStreams.writeResult(text + "\n")
        } catch {
            end(error)
        }
        Glibc.exit(status.rawValue)
    }

    /// Otherwise a mistyped variable would be ignored silently.
    private static func warnOfUnknownVariables() {
        for error in SettingValues.unknownVariables(in: ProcessEnvironment.all()) {
            StandardStreams.error.write("hookline: warning: \(error)\n")
        }
    }
}
