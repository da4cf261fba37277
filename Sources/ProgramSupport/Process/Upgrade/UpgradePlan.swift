import Glibc

/// How this program is started again.
package struct UpgradePlan: Sendable {
    /// Variables that apply to one process only.
    private static let processVariables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID"]

    private let file: ProgramFile
    private let arguments: [String]
    private let environment: [String: String]
    /// Time limit of the check, and again of the start.
    let seconds: Int
    /// Inherited by the new process as `OldProcess.firstDescriptor` and the following numbers.
    private let descriptors: [Int32]
    private let details: String

    /// - Parameters:
    ///   - arguments: those of this process, its name first.
    ///   - environment: that of this process.
    ///   - details: describes `descriptors` to the new process.
    package init(
        file: ProgramFile, arguments: [String], environment: [String: String], seconds: Int,
        descriptors: [Int32] = [], details: String = ""
    ) {
        self.file = file
        self.arguments = arguments
        var variables = environment.filter { !Self.processVariables.contains($0.key) }
        // If the service manager watches another process, it will not watch the next one either.
        if let watched = environment["WATCHDOG_PID"], watched != String(getpid()) {
            variables["WATCHDOG_USEC"] = nil
        }
        self.environment = variables
        self.seconds = seconds
        self.descriptors = descriptors
        self.details = details
    }

    /// Checks the configuration and reports errors on standard error.
    func check(standardError: Int32) -> ProcessLaunch {
        var launch = ProcessLaunch(path: file.path, arguments: arguments + ["--check"], environment: environment)
        launch.standardError = standardError
        return launch
    }

    /// Serves, and reports that on `report`.
    func start(report: Int32) -> ProcessLaunch {
        var variables = environment
        variables[OldProcess.variable] = OldProcess.value(details: details)
        var launch = ProcessLaunch(path: file.path, arguments: arguments, environment: variables)
        launch.descriptors = [report] + descriptors
        return launch
    }
}

/// The file that the running program was started from, by the path at which a newer version will be installed.
package struct ProgramFile: Hashable, Sendable {
    /// Absolute.
    package let path: String

    /// Finds the file; to be called at the program's start, before the file can be replaced. Nil when it is not found.
    ///
    /// Symbolic links are not resolved: where one points to the newest release, a reload follows it.
    ///
    /// - Parameters:
    ///   - word: the program's name as it was called: `argv[0]`.
    ///   - searchPath: `PATH`.
    package init?(calledAs word: String, searchPath: String?) {
        let candidates = word.contains("/") ? [word] : Self.candidates(word, searchPath ?? "")
        guard let path = candidates.compactMap(Self.absolute).first(where: Self.isRunning) ?? Self.resolved() else {
            return nil
        }
        self.path = path
    }

    private static func candidates(_ word: String, _ searchPath: String) -> [String] {
        searchPath.split(separator: ":").map { "\($0)/\(word)" }
    }

    private static func absolute(_ path: String) -> String? {
        if path.hasPrefix("/") { return path }
        guard let folder = getcwd(nil, 0) else { return nil }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    private static func isRunning(_ path: String) -> Bool {
        var (candidate, running) = (stat(), stat())
        return stat(path, &candidate) == 0 && stat("/proc/self/exe", &running) == 0
            && candidate.st_dev == running.st_dev && candidate.st_ino == running.st_ino
    }

    private static func resolved() -> String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }
}
