import Model
import System
package import WebhookRules

/// The unparsed value of every setting of one program and where it came from.
package struct SettingValues {
    package enum Source: Hashable, Sendable {
        case defaultValue
        /// The default under a policy other than `sentry`.
        case policy(DeliveryPolicy.Name)
        /// A line of the settings file.
        case settingsFile(path: String, line: Int)
        case environment
        /// The path that the `_FILE` variable names.
        case file(String)
        case flag
    }

    package struct Entry: Hashable, Sendable {
        package var text: String
        package var source: Source
        /// The variable that set it, where that is the setting's former name.
        package var formerName: String?

        package init(text: String, source: Source, formerName: String? = nil) {
            self.text = text
            self.source = source
            self.formerName = formerName
        }
    }

    package let program: ProgramName
    /// The rules from which settings that are not set take their defaults; `sentry` also when the name is invalid.
    package private(set) var policy = DeliveryPolicy.sentry
    private var entries: [Setting: Entry] = [:]
    /// Every error, in the order it was found.
    package private(set) var errors: [ConfigurationError] = []

    /// Combines defaults, the settings file, environment and flags; the later takes precedence.
    ///
    /// Variables of other programs' settings are known and ignored.
    package init(program: ProgramName, flags: [Setting: String], environment: [String: String]) {
        self.program = program
        let layers = [settingsFile(flags, environment), Variables(environment)].compactMap(\.self)
        for setting in Setting.all(of: program) {
            for layer in layers {
                if let entry = entry(of: setting, in: layer) { entries[setting] = entry }
            }
            if let text = flags[setting] { entries[setting] = Entry(text: text, source: .flag) }
        }
        if let name = entries[.policy].flatMap({ DeliveryPolicy.Name(rawValue: $0.text) }) {
            policy = DeliveryPolicy(name)
        }
        errors += SettingValues.unknownVariables(in: environment)
    }

    /// A setting's value; its default when it is not set, or the program does not have it.
    package subscript(_ setting: Setting) -> Entry { entries[setting] ?? defaultEntry(of: setting) }

    /// The same settings, with the defaults of another policy for those that are not set.
    func withDefaults(of name: DeliveryPolicy.Name) -> SettingValues {
        var values = self
        values.policy = DeliveryPolicy(name)
        return values
    }

    private func defaultEntry(of setting: Setting) -> Entry {
        let text = setting.row.defaultValue(under: policy)
        return Entry(text: text, source: text == setting.defaultValue ? .defaultValue : .policy(policy.name))
    }

    /// The variables of the file that a flag or a variable names; nil where none does.
    private mutating func settingsFile(_ flags: [Setting: String], _ environment: [String: String]) -> Variables? {
        let path = flags[.settingsFile] ?? environment[Setting.settingsFile.variable] ?? SettingsFile.none
        guard !path.isEmpty, path != SettingsFile.none else { return nil }
        do throws(SettingsFile.ParseError) {
            let file = try SettingsFile(path: path)
            errors += file.misplacedVariables()
            return Variables(file)
        } catch {
            errors.append(.invalidSettingsFile(path: error.path, line: error.line, reason: error.reason))
            return nil
        }
    }

    private mutating func entry(of setting: Setting, in layer: Variables) -> Entry? {
        let direct = directEntry(of: setting, in: layer)
        guard let fileVariable = setting.fileVariable, let path = layer[fileVariable]?.text else { return direct }
        guard direct == nil else {
            errors.append(.bothForms(variable: setting.variable, fileVariable: fileVariable))
            return nil
        }
        do throws(FileError) {
            var lines = try TextFile(path: path).read().split(omittingEmptySubsequences: false) {
                $0 == "\n" || $0 == "\r\n"
            }
            while lines.count > 1, lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
            guard lines.count == 1 else {
                errors.append(
                    .unreadableFile(
                        variable: fileVariable,
                        reason: "\(path) has \(lines.count) lines: expected the value of \(setting.variable) alone"))
                return nil
            }
            return Entry(text: String(lines[0]), source: .file(path))
        } catch {
            errors.append(.unreadableFile(variable: fileVariable, reason: error.description))
            return nil
        }
    }

    /// The value of the variable, or of the one with the former name; if both are set, they must be equal.
    private mutating func directEntry(of setting: Setting, in layer: Variables) -> Entry? {
        let current = layer[setting.variable]
        guard let formerName = setting.formerVariable, var former = layer[formerName] else { return current }
        former.formerName = formerName
        guard let current else { return former }
        if current.text != former.text {
            errors.append(.conflictingVariables(variable: setting.variable, formerVariable: formerName))
        }
        return current
    }

    // MARK: Unknown variables

    /// Variables that begin with `HOOKLINE_` and are neither a setting nor one of the demo and the tests, each with the
    /// name that was probably meant.
    package static func unknownVariables(in environment: [String: String]) -> [ConfigurationError] {
        environment.keys.sorted().filter { name in
            name.hasPrefix("HOOKLINE_") && !isKnown(variable: name) && !demoAndTestVariables.contains(name)
        }.map { .unknownVariable($0, nearest: nearestVariable(to: $0)) }
    }

    /// Variables that only the demo and the tests read (docs/configuration.md): who sets them for `make` may start
    /// programs in the same shell.
    package static let demoAndTestVariables: Set<String> = [
        "HOOKLINE_BROWSER", "HOOKLINE_DEMO_BREAKER", "HOOKLINE_DEMO_EVENTS", "HOOKLINE_DEMO_ONCE",
        "HOOKLINE_DEMO_PASSWORD",
        "HOOKLINE_DEMO_PORT", "HOOKLINE_DEMO_PROTOCOL", "HOOKLINE_DEMO_RATE", "HOOKLINE_DEMO_SIGN_OUT_URL",
        "HOOKLINE_OPENAPI_EXAMPLES",
        "HOOKLINE_HOSTILE_EVENTS", "HOOKLINE_HOSTILE_SEED", "HOOKLINE_PRODUCTS", "HOOKLINE_REDELIVERY_EVENTS",
        "HOOKLINE_SKIP_AXE", "HOOKLINE_SKIP_OPENAPI", "HOOKLINE_SKIP_RUFF",
    ]

    /// Whether some program reads the variable.
    static func isKnown(variable: String) -> Bool { knownVariables.contains(variable) }

    private static let knownVariables = Set(Setting.allCases.flatMap(\.variables))

    /// The current name of the known variable that was probably meant; nil when none is near.
    static func nearestVariable(to name: String) -> String? {
        let candidates = Setting.allCases.flatMap { setting in
            setting.variables.map { (name: $0 == setting.formerVariable ? setting.variable : $0, known: $0) }
        }
        let nearest = candidates.map { ($0.name, editDistance($0.known, name)) }.min { $0.1 < $1.1 }
        return nearest.flatMap { $0.1 <= maximumDistance ? $0.0 : nil }
    }

    /// The largest edit distance at which a name is suggested.
    private static let maximumDistance = 3
}

extension SettingValues {
    /// Variables from one place, each with the source to show for it. An empty variable counts as unset.
    private struct Variables {
        private let entries: [String: Entry]

        /// Those of a process.
        init(_ environment: [String: String]) {
            entries = environment.filter { !$0.value.isEmpty }.mapValues { .init(text: $0, source: .environment) }
        }

        /// Those of a settings file; of a name that occurs more than once, the last counts, as for systemd.
        init(_ file: SettingsFile) {
            let pairs = file.assignments.map { assignment in
                (
                    assignment.name,
                    Entry(text: assignment.value, source: .settingsFile(path: file.path, line: assignment.line))
                )
            }
            entries = Dictionary(pairs) { $1 }.filter { !$0.value.text.isEmpty }
        }

        subscript(_ name: String) -> Entry? { entries[name] }
    }
}

/// The number of bytes to insert, remove or replace to turn one string into the other.
private func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    var previous = Array(0...right.count)
    for (row, byte) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            let replaced = previous[column] + (byte == other ? 0 : 1)
            current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[right.count]
}
