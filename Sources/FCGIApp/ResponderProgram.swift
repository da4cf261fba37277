import Directory
import Glibc
import ProgramSupport
import Redis

/// `hookline-fcgi`: the responder behind the web server.
@main
enum ResponderProgram: LongRunningProgram {
    static let name = ProgramName.responder

    /// Decides which kinds of directories the program can use, and which libraries it links for them.
    static let opener: any DirectoryOpening = EmbeddedDirectoryOpener()

    static let help = ProgramHelp(
        purpose: "serves Hookline's HTTP API behind a web server (FastCGI or CGI).",
        check: "tries Redis (reads and writes) and the directory, and exits 0 if all succeeds.",
        notes: """
            As a CGI program it takes settings only from the environment and from the settings file named there.

            Signals: TERM, INT, QUIT finish the requests in progress; a second one stops at once. USR1 reopens the log.
            USR2 checks the configuration, starts a new process on the same socket and hands over to it.
            """)

    static func main() {
        StandardDescriptors.openClosed()
        HeapPolicy.apply()
        let environment = ProcessEnvironment.all()
        // A web server may pass arguments from a client's query, so a CGI program has none.
        let isPlainCGI = Invocation(environment: environment).isPlainCGI
        exit(isPlainCGI ? runAsCGI(environment) : run(words: CommandLine.arguments, environment: environment))
    }

    static func configuration(
        from values: SettingValues, environment: [String: String]
    ) -> (Configuration?, [ConfigurationError]) {
        var reader = ConfigurationReader(values, environment: environment, opener: opener)
        return (reader.read(), reader.errors)
    }

    static func check(_ configuration: Configuration) -> CheckResult {
        var result = CheckResult()
        do throws(RedisError) {
            let connection = configuration.stores.makeConnection()
            try connection.ping()
            try StoreSettings.checkWrites(on: connection)
        } catch {
            result.problems.append(error.description)
        }
        do throws(DirectoryError) {
            result.warnings = try configuration.stores.checkDirectory()
        } catch {
            result.problems.append(error.description)
        }
        let descriptors = DescriptorBudget(threadCount: configuration.threadCount)
        result.warnings += configuration.warnings + [descriptors.warning].compactMap(\.self)
        result.problems += [descriptors.problem].compactMap(\.self)
        return result
    }

    static func serve(_ configuration: Configuration, start: ProgramStart, log: LogWriter) -> Int32 {
        ServerMain(configuration: configuration, start: start, log: log).run()
    }

    private static func runAsCGI(_ environment: [String: String]) -> Int32 {
        CoreDumps.forbid()
        let values = SettingValues(program: name, flags: [:], environment: environment)
        let (configuration, errors) = configuration(from: values, environment: environment)
        if configuration == nil {
            for error in errors { Console(name).printError(error.description) }
        }
        if configuration?.process.allowsCoreDumps == true { CoreDumps.allow() }
        return CGIMain(configuration: configuration, log: .standardError).run()
    }
}
