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
    package let predecessor: Predecessor?

    /// To be made at the program's start, while the file is still the one it was started from.
    package init(words: [String], environment: [String: String]) {
        var variables = environment
        predecessor = Predecessor.take(from: &variables)
        self.words = words
        self.environment = variables
        file = ProgramFile(calledAs: words.first ?? "", searchPath: variables["PATH"])
    }

    /// What follows the program's name.
    package var arguments: [String] { Array(words.dropFirst()) }
}
