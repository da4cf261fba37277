/// A program's parsed arguments.
package struct Arguments {
    package enum Action: Hashable, Sendable {
        /// `once`: processes what is due and ends.
        case serve, once, check, help, version
    }

    package private(set) var action = Action.serve
    /// Whether the check reads a session cookie from standard input and verifies it.
    package private(set) var verifiesSession = false
    package private(set) var flags: [Setting: String] = [:]
    /// By which name each setting was given: `disable-apps`.
    private var names: [Setting: String] = [:]
    private let program: ProgramName

    /// Parses `--name value`, `--name=value` and the words `--check`, `--session-cookie-stdin`, `--once`, `--help`,
    /// `--version`.
    ///
    /// - Parameter words: without the program's name.
    package init(_ words: [String], program: ProgramName) throws(ConfigurationError) {
        self.program = program
        var remaining = words[...]
        while let word = remaining.popFirst() {
            switch word {
            case "--check": action = .check
            case "--session-cookie-stdin" where program == .responder:
                action = .check
                verifiesSession = true
            case "--once" where program == .worker: action = .once
            case "--help", "-h": action = .help
            case "--version": action = .version
            default: try parseSetting(word, &remaining)
            }
        }
    }

    private mutating func parseSetting(
        _ word: String, _ remaining: inout ArraySlice<String>
    ) throws(ConfigurationError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0].dropFirst(2))
        guard word.hasPrefix("--"), let setting = Setting(flag: name, program: program) else {
            throw .unknownFlag(String(parts.first ?? ""))
        }
        guard let value = parts.count == 2 ? String(parts[1]) : remaining.popFirst() else {
            throw .missingValue(flag: name)
        }
        if let earlierName = names.updateValue(name, forKey: setting) {
            guard earlierName != name else { throw .repeatedFlag(name) }
            guard flags[setting] == value else {
                throw .conflictingFlags(flag: setting.flag, formerFlag: setting.row.formerFlag ?? name)
            }
        }
        flags[setting] = value
    }
}
