import Glibc

/// How this program is started again.
package struct ReloadPlan: Sendable {
    /// Variables that are about one process only.
    private static let personalVariables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID"]

    private let file: ProgramFile
    private let arguments: [String]
    private let environment: [String: String]
    /// What the check may take, and the start again.
    let seconds: Int
    /// What the new process gets, from `OldProcess.firstDescriptor` on.
    private let descriptors: [Int32]
    private let details: String

    /// - Parameters:
    ///   - arguments: this process' own, its name first.
    ///   - environment: this process' own.
    ///   - details: says what `descriptors` are.
    package init(
        file: ProgramFile, arguments: [String], environment: [String: String], seconds: Int,
        descriptors: [Int32] = [], details: String = ""
    ) {
        self.file = file
        self.arguments = arguments
        var variables = environment.filter { !Self.personalVariables.contains($0.key) }
        // Where the service manager watches another process, it does not watch the next one, either.
        if let watched = environment["WATCHDOG_PID"], watched != String(getpid()) {
            variables["WATCHDOG_USEC"] = nil
        }
        self.environment = variables
        self.seconds = seconds
        self.descriptors = descriptors
        self.details = details
    }

    /// Checks the configuration and says on standard error what is wrong.
    func check(standardError: Int32) -> ProgramCall {
        var call = ProgramCall(path: file.path, arguments: arguments + ["--check"], environment: environment)
        call.standardError = standardError
        return call
    }

    /// Serves, and says so on `report`.
    func start(report: Int32) -> ProgramCall {
        var variables = environment
        variables[OldProcess.variable] = OldProcess.text(details: details)
        var call = ProgramCall(path: file.path, arguments: arguments, environment: variables)
        call.descriptors = [report] + descriptors
        return call
    }
}
