import Glibc
import System

/// Messages at a program's start, for the person who starts it; later ones go to the log.
package struct Console: Sendable {
    private let program: ProgramName

    package init(_ program: ProgramName) {
        self.program = program
    }

    /// Writes text to standard output; returns false when not all of it can be written.
    package func print(_ text: String) -> Bool {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes one line to standard error, prefixed with the program's name.
    package func printError(_ text: String) {
        _ = write("\(program.rawValue): \(text)\n", to: STDERR_FILENO)
    }

    private func write(_ text: String, to descriptor: Int32) -> Bool {
        FileDescriptors.write(Array(TerminalText.escaped(text, keepsLines: true).utf8), to: descriptor)
    }
}

/// The exit statuses of programs; those of `sysexits.h` where there is one.
package enum ExitStatus {
    package static let success: Int32 = 0
    /// The drain time was over before all work in progress was finished.
    package static let cutOff: Int32 = 1
    package static let wrongUsage: Int32 = 64
    /// `--once`: Redis cannot be used.
    package static let unavailable: Int32 = 69
    /// A new process took over and was lost before this one had ended.
    package static let newProcessLost: Int32 = 70
    /// A system call failed for a reason other than the configuration.
    package static let systemError: Int32 = 71
    /// Standard output cannot be written.
    package static let cannotWrite: Int32 = 73
    package static let wrongConfiguration: Int32 = 78

    package static func signalled(_ signal: Int32) -> Int32 { 128 + signal }

    /// The exit status for errors in arguments and settings.
    static func of(_ errors: [ConfigurationError]) -> Int32 {
        errors.allSatisfy(\.isUsage) ? wrongUsage : wrongConfiguration
    }
}
