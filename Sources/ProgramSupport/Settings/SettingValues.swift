import System

/// The text of every setting of one program and where it came from.
package struct SettingValues {
    package enum Source: Hashable, Sendable {
        case defaultValue
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

        package init(text: String, source: Source) {
            self.text = text
            self.source = source
        }
    }

    package let program: ProgramName
    private var entries: [Setting: Entry] = [:]
    /// Everything that is wrong, in the order it was found.
    package private(set) var errors: [ConfigurationError] = []

    /// Puts together defaults, the settings file, environment and flags; the later wins.
    ///
    /// Variables of other programs' settings are known, and not looked into.
    package init(program: ProgramName, flags: [Setting: String], environment: [String: String]) {
        self.program = program
        let surroundings = SettingVariables(environment)
        let layers = [settingsFile(flags, environment), surroundings].compactMap { $0 }
        for setting in Setting.all(of: program) {
            entries[setting] = Entry(text: setting.description.defaultValue, source: .defaultValue)
            for layer in layers {
                if let entry = entry(of: setting, in: layer) { entries[setting] = entry }
            }
            if let text = flags[setting] { entries[setting] = Entry(text: text, source: .flag) }
        }
        errors += SettingValues.unknownVariables(in: environment)
    }

    /// A setting's text; its default when the program does not have it.
    package subscript(_ setting: Setting) -> Entry {
        entries[setting] ?? Entry(text: setting.description.defaultValue, source: .defaultValue)
    }

    /// The variables of the file that a flag or a variable names; nil where none does.
    private mutating func settingsFile(_ flags: [Setting: String], _ environment: [String: String]) -> SettingVariables?
    {
        let path = flags[.settingsFile] ?? environment[Setting.settingsFile.variable] ?? ""
        guard !path.isEmpty else { return nil }
        do throws(SettingsFile.Failure) {
            let file = try SettingsFile(path: path)
            errors += file.misplacedVariables()
            return SettingVariables(file)
        } catch {
            errors.append(.wrongSettingsFile(path: error.path, line: error.line, reason: error.reason))
            return nil
        }
    }

    private mutating func entry(of setting: Setting, in layer: SettingVariables) -> Entry? {
        guard let fileVariable = setting.fileVariable, let path = layer[fileVariable]?.text else {
            return layer[setting.variable]
        }
        guard layer[setting.variable] == nil else {
            errors.append(.bothForms(variable: setting.variable, fileVariable: fileVariable))
            return nil
        }
        do throws(TextFile.Failure) {
            let content = try TextFile(path: path).read()
            let line = content.reversed().drop { $0 == "\n" || $0 == "\r\n" }.reversed()
            return Entry(text: String(line), source: .file(path))
        } catch {
            errors.append(.unreadableFile(variable: fileVariable, reason: error.description))
            return nil
        }
    }

    /// Variables that look like settings and are none, each with the name that was perhaps meant.
    package static func unknownVariables(in environment: [String: String]) -> [ConfigurationError] {
        environment.keys.sorted().filter { $0.hasPrefix("HOOKLINE_") && !knownVariables.contains($0) }.map { name in
            .unknownVariable(name, nearest: nearestVariable(to: name))
        }
    }

    /// Every variable that some program knows.
    static let knownVariables = Setting.allCases.flatMap { [$0.variable] + ($0.fileVariable.map { [$0] } ?? []) }

    /// The known variable that was perhaps meant; nil when none is near.
    static func nearestVariable(to name: String) -> String? {
        let nearest = knownVariables.map { ($0, editDistance($0, name)) }.min { $0.1 < $1.1 }
        return nearest.flatMap { $0.1 <= 3 ? $0.0 : nil }
    }
}

/// How many letters must be inserted, removed or replaced to make one text of the other.
private func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            let replaced = previous[column] + (letter == other ? 0 : 1)
            current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[right.count]
}
