import Directory
import Glibc
import PostgreSQLDirectory
import ProgramSupport
import Redis

/// `hookline-worker`: delivers the events in the queue.
@main
enum WorkerProgram: LongRunningProgram {
    static let name = ProgramName.worker

    /// Decides which kinds of directories the program can use, and which libraries it links for them.
    static let opener: any DirectoryOpening = PostgreSQLDirectoryOpener()

    static let help = ProgramHelp(
        purpose: "delivers the events in the queue as webhooks.",
        check: """
            tries Redis (reads and writes), the directory, certificates
            and templates, and exits 0 if all succeeds. Redis settings that can lose events are warnings.
            """,
        once: """
            delivers the events that are due, sends due mails and exits: for cron, where no program may stay.
            Retries that are due later are left to the next run. Several runs at a time do not deliver an event twice.
            """,
        notes: """
            Signals: TERM, INT, QUIT finish the webhooks in progress and return all other events to the queue; a second
            one stops at once, and another worker takes over. USR1 reopens the log. USR2 checks the configuration,
            starts a new process and, once that delivers, stops as on TERM.
            """)

    static func main() {
        StandardDescriptors.openClosed()
        // Without the exit handlers of libraries: sender threads that still run would lose data that they use.
        _exit(run(words: CommandLine.arguments, environment: ProcessEnvironment.all()))
    }

    static func configuration(
        from values: SettingValues, environment: [String: String]
    ) -> (WorkerConfiguration?, [ConfigurationError]) {
        var reader = WorkerConfigurationReader(values, opener: opener)
        return (reader.read(), reader.errors)
    }

    static func check(_ configuration: WorkerConfiguration) -> CheckResult {
        let checks = StartupChecks(configuration: configuration)
        var result = CheckResult()
        do throws(RedisError) {
            result.warnings = try checks.hazards().map { "\($0)" }
            try checks.checkWrites()
        } catch {
            result.problems.append(error.description)
        }
        let local = checks.localResult()
        result.warnings += local.warnings
        result.results += local.results
        result.problems += local.problems
        let descriptors = DescriptorPlan(configuration)
        let breakers = configuration.stores.breakerWarning(configuration.policies)
        result.warnings += configuration.stores.queue.warnings + [descriptors.warning, breakers].compactMap(\.self)
        result.problems += [descriptors.problem].compactMap(\.self)
        return result
    }

    static func serve(_ configuration: WorkerConfiguration, start: ProgramStart, log: LogWriter) -> Int32 {
        WorkerMain(configuration: configuration, start: start, log: log).run()
    }

    static func processDue(_ configuration: WorkerConfiguration, start: ProgramStart, log: LogWriter) -> Int32 {
        WorkerMain(configuration: configuration, start: start, log: log, isOnce: true).run()
    }
}
