import Glibc

/// What a program says to the person who starts it; what happens later goes to the log.
package struct Console: Sendable {
    private let program: ProgramName

    package init(_ program: ProgramName) {
        self.program = program
    }

    /// Writes text to standard output, whole.
    package func print(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes one line to standard error, the program's name in front.
    package func printError(_ text: String) {
        write("\(program.rawValue): \(text)\n", to: STDERR_FILENO)
    }

    /// Says everything that is wrong with arguments and settings; the exit status for it.
    package func refuse(_ errors: [ConfigurationError]) -> Int32 {
        for error in errors { printError(error.description) }
        return Self.status(of: errors)
    }

    /// The exit status for what is wrong with arguments and settings.
    static func status(of errors: [ConfigurationError]) -> Int32 {
        errors.allSatisfy(\.isUsage) ? ExitStatus.wrongUsage : ExitStatus.wrongConfiguration
    }

    private func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
