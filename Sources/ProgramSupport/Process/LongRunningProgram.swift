import Glibc
import System

/// A program that serves until a signal stops it: what `run` needs to take it from its arguments to its exit status.
package protocol LongRunningProgram {
    associatedtype Configuration: ProgramConfiguration

    static var name: ProgramName { get }
    static var help: ProgramHelp { get }

    /// The configuration; nil, and at least one error, when a setting is invalid.
    static func configuration(
        from values: SettingValues, environment: [String: String]
    ) -> (Configuration?, [ConfigurationError])

    /// Tries what the settings name: files, Redis, the directory.
    static func check(_ configuration: Configuration) -> CheckResult

    /// Verifies a session cookie with the settings. Called only for programs whose arguments have
    /// `--session-cookie-stdin`.
    ///
    /// - Parameter cookie: as the operator gave it.
    static func checkSession(_ cookie: String, _ configuration: Configuration) -> CheckResult

    /// Serves; returns the exit status.
    static func serve(_ configuration: Configuration, start: ProgramStart, log: LogWriter) -> Int32

    /// Processes what is due; returns the exit status. Called only for programs whose arguments have `--once`.
    static func processDue(_ configuration: Configuration, start: ProgramStart, log: LogWriter) -> Int32
}

extension LongRunningProgram {
    package static func processDue(_ configuration: Configuration, start: ProgramStart, log: LogWriter) -> Int32 {
        serve(configuration, start: start, log: log)
    }

    package static func checkSession(_ cookie: String, _ configuration: Configuration) -> CheckResult { CheckResult() }
}

/// The settings as a program uses them.
package protocol ProgramConfiguration {
    var process: ProcessSettings { get }
}

/// What `--check` found besides invalid settings.
package struct CheckResult {
    /// Dangers that do not keep the program from serving.
    package var warnings: [String]
    package var problems: [String]
    /// What was asked for and succeeded.
    package var results: [String] = []

    package init(warnings: [String] = [], problems: [String] = []) {
        self.warnings = warnings
        self.problems = problems
    }
}

/// The parts of a program's `--help` that differ between programs.
package struct ProgramHelp {
    /// One phrase: what the program does.
    package var purpose: String
    /// What `--check` does besides printing the settings.
    package var check: String
    /// What `--session-cookie-stdin` does; nil if the program does not have it.
    package var session: String?
    /// What `--once` does; nil if the program does not have it.
    package var once: String?
    /// Follows the settings: signals and whatever else is special.
    package var notes: String
    /// The exit statuses of a program that does not serve until a signal stops it; nil = those of one that does.
    package var exitStatuses: String?

    package init(
        purpose: String, check: String, session: String? = nil, once: String? = nil, notes: String,
        exitStatuses: String? = nil
    ) {
        self.purpose = purpose
        self.check = check
        self.session = session
        self.once = once
        self.notes = notes
        self.exitStatuses = exitStatuses
    }
}

extension LongRunningProgram {
    /// - Parameters:
    ///   - words: all arguments, the program's name first.
    ///   - environment: that of this process.
    /// - Returns: the exit status.
    package static func run(words: [String], environment: [String: String]) -> Int32 {
        CoreDumps.forbid()
        let start = ProgramStart(program: name, words: words, environment: environment)
        let arguments: Arguments
        do throws(ConfigurationError) {
            arguments = try Arguments(start.arguments, program: name)
        } catch {
            return start.refuse([error])
        }
        switch arguments.action {
        case .help: return show(helpText, start)
        case .version: return show(name.versionText + "\n", start)
        case .check: return check(arguments, start)
        case .serve: return run(arguments, start, serve)
        case .once: return run(arguments, start, processDue)
        }
    }

    /// Prints the result of a call that does not serve; returns the exit status.
    private static func show(_ text: String, _ start: ProgramStart) -> Int32 {
        if start.console.print(text) { return ExitStatus.success }
        start.console.printError("cannot write to standard output: \(String(cString: strerror(errno)))")
        return ExitStatus.cannotWrite
    }

    /// What `--help` prints.
    package static var helpText: String {
        """
        \(name.rawValue): \(help.purpose)

        Usage: \(name.rawValue) [\(actions.joined(separator: " | "))] [settings]
               \(name.rawValue) --help | --version

        \(descriptions.joined(separator: "\n"))

        \(SettingTexts.help(of: name))

        \(help.notes)
        Exit status: \(help.exitStatuses ?? serverExitStatuses)

        """
    }

    private static var actions: [String] {
        ["--check" + (help.session == nil ? "" : " [--session-cookie-stdin]")] + (help.once == nil ? [] : ["--once"])
    }

    private static var descriptions: [String] {
        [
            "--check prints every setting and where it comes from, \(help.check)",
            help.session.map { "--session-cookie-stdin \($0)" }, help.once.map { "--once \($0)" },
        ].compactMap(\.self)
    }

    private static var serverExitStatuses: String {
        """
        0 stopped normally, 1 the drain time was over, 64 invalid arguments,\(
            help.once == nil ? "" : " 69 Redis cannot be used (--once),")
        70 the new process of a reload was lost, 71 a system call failed, 73 output cannot be written, 78 invalid
        configuration, 128 + signal number after a second signal.
        """
    }

    private static func check(_ arguments: Arguments, _ start: ProgramStart) -> Int32 {
        let values = values(arguments, start)
        let status = show(SettingTexts.listing(of: values), start)
        guard status == ExitStatus.success else { return status }
        let (configuration, errors) = configuration(from: values, environment: start.environment)
        var result = configuration.map(check) ?? CheckResult()
        if arguments.verifiesSession, let configuration {
            let session = checkSession(StandardInput.text(), configuration)
            result.problems += session.problems
            result.results += session.results
        }
        result.problems = errors.map(\.description) + result.problems + (configuration?.process.problems() ?? [])
        for warning in result.warnings { start.console.printError("warning: \(warning)") }
        for problem in result.problems { start.console.printError(problem) }
        for text in result.results {
            let status = show(text + "\n", start)
            guard status == ExitStatus.success else { return status }
        }
        guard result.problems.isEmpty else { return ExitStatus.wrongConfiguration }
        return show("the configuration is valid\n", start)
    }

    private static func run(
        _ arguments: Arguments, _ start: ProgramStart,
        _ serve: (_ configuration: Configuration, _ start: ProgramStart, _ log: LogWriter) -> Int32
    ) -> Int32 {
        let (configuration, errors) = configuration(from: values(arguments, start), environment: start.environment)
        guard let configuration else { return start.refuse(errors) }
        if configuration.process.allowsCoreDumps { CoreDumps.allow() }
        do throws(FileError) {
            let log = try LogWriter(appendingTo: configuration.process.logFile)
            return serve(configuration, start, log)
        } catch {
            return start.refuse([error.description], status: ExitStatus.wrongConfiguration)
        }
    }

    private static func values(_ arguments: Arguments, _ start: ProgramStart) -> SettingValues {
        SettingValues(program: name, flags: arguments.flags, environment: start.environment)
    }
}
