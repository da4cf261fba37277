import Glibc

/// How the process was started: what it needs to start its like.
package struct ProgramStart: Sendable {
    /// The process' own, the program's name first.
    package let words: [String]
    /// Without what a predecessor put there for this process alone.
    package let environment: [String: String]
    /// Nil when the file is not to be found.
    package let file: ProgramFile?
    /// The process that hands over to this one; nil when there is none.
    package let predecessor: OldProcess?

    /// To be made at the program's start, while the file is still the one it was started from.
    package init(words: [String], environment: [String: String]) {
        var variables = environment
        predecessor = OldProcess.take(from: &variables)
        self.words = words
        self.environment = variables
        file = ProgramFile(calledAs: words.first ?? "", searchPath: variables["PATH"])
    }

    /// Says why the program does not come to serve: to whoever started it, and to the predecessor for its log.
    ///
    /// - Returns: `status`.
    package func refuse(_ reasons: [String], console: Console, status: Int32) -> Int32 {
        for reason in reasons { console.printError(reason) }
        predecessor?.reportFailure(reasons.joined(separator: "\n"))
        return status
    }

    /// Says everything that is wrong with arguments and settings; the exit status for it.
    package func refuse(_ errors: [ConfigurationError], console: Console) -> Int32 {
        refuse(errors.map(\.description), console: console, status: Console.status(of: errors))
    }

    /// What follows the program's name.
    package var arguments: [String] { Array(words.dropFirst()) }
}
