/// The program's arguments, taken apart.
struct Arguments {
    enum Action {
        case serve, check, help, version
    }

    var action = Action.serve
    var flags: [Setting: String] = [:]

    /// Reads `--name value`, `--name=value` and the words `--check`, `--help`, `--version`.
    ///
    /// - Parameter words: without the program's name.
    init(_ words: [String]) throws(ConfigurationError) {
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
        guard word.hasPrefix("--"), let setting = Setting(flag: String(parts[0].dropFirst(2))) else {
            throw .unknownFlag(String(parts.first ?? ""))
        }
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
            throw .missingValue(flag: setting.flag)
        }
        guard flags.updateValue(value, forKey: setting) == nil else { throw .repeatedFlag(setting.flag) }
    }
}
