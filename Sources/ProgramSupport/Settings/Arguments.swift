/// A program's arguments, taken apart.
package struct Arguments {
    package enum Action: Hashable, Sendable {
        case serve, check, help, version
    }

    package private(set) var action = Action.serve
    package private(set) var flags: [Setting: String] = [:]
    private let program: ProgramName

    /// Reads `--name value`, `--name=value` and the words `--check`, `--help`, `--version`.
    ///
    /// - Parameter words: without the program's name.
    package init(_ words: [String], program: ProgramName) throws(ConfigurationError) {
        self.program = program
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--check": action = .check
            case "--help", "-h": action = .help
            case "--version": action = .version
            default: try readSetting(word, &rest)
            }
        }
    }

    private mutating func readSetting(_ word: String, _ rest: inout ArraySlice<String>) throws(ConfigurationError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard word.hasPrefix("--"), let setting = Setting(flag: String(parts[0].dropFirst(2)), program: program) else {
            throw .unknownFlag(String(parts.first ?? ""))
        }
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
            throw .missingValue(flag: setting.flag)
        }
        guard flags.updateValue(value, forKey: setting) == nil else { throw .repeatedFlag(setting.flag) }
    }
}
