import Glibc

/// The programs that take their settings from the table of settings, by the names they are started with.
package enum ProgramName: String, CaseIterable, Sendable {
    case responder = "hookline-fcgi"
    case cgi = "hookline-cgi"
    case worker = "hookline-worker"

    /// What `--version` prints.
    package var versionText: String { "\(rawValue) \(Self.version)" }

    /// The same for all: they are released together.
    package static let version = "0.1.0"
}

/// How the process was started, which is also how a new process is started in its place.
package struct ProgramStart: Sendable {
    package let program: ProgramName
    /// All arguments, the program's name first.
    package let words: [String]
    /// Without the variables that an old process set for this process alone.
    package let environment: [String: String]
    /// Nil when the file was not found.
    package let file: ProgramFile?
    /// The process that hands over to this one; nil when there is none.
    package let oldProcess: OldProcess?

    /// To be made at the program's start, before the file can be replaced.
    package init(program: ProgramName, words: [String], environment: [String: String]) {
        var variables = environment
        oldProcess = OldProcess.take(from: &variables)
        self.program = program
        self.words = words
        self.environment = variables
        file = ProgramFile(calledAs: words.first ?? "", searchPath: variables["PATH"])
    }

    /// What follows the program's name.
    package var arguments: [String] { Array(words.dropFirst()) }

    package var console: Console { Console(program) }

    /// Reports why the program does not start serving: on standard error, and to the old process for its log.
    ///
    /// - Returns: `status`.
    package func refuse(_ reasons: [String], status: Int32) -> Int32 {
        for reason in reasons { console.printError(reason) }
        oldProcess?.reportFailure(reasons.joined(separator: "\n"))
        return status
    }

    /// Reports errors in arguments and settings; returns the exit status.
    package func refuse(_ errors: [ConfigurationError]) -> Int32 {
        refuse(errors.map(\.description), status: ExitStatus.of(errors))
    }
}

/// The environment that the process was started with.
package enum ProcessEnvironment {
    /// Its raw form; valid while the environment is not changed.
    package static var block: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? { environ }

    package static func all() -> [String: String] {
        var variables: [String: String] = [:]
        guard var next = block else { return variables }
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let separator = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                variables[String(text[..<separator])] = String(text[text.index(after: separator)...])
            }
            next += 1
        }
        return variables
    }
}
