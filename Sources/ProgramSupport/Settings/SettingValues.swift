/// The text of every setting of one program and where it came from.
package struct SettingValues {
    package enum Source: Hashable, Sendable {
        case defaultValue
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

    /// Puts together defaults, environment and flags; the later wins.
    ///
    /// Variables of other programs' settings are known, and not looked into.
    package init(program: ProgramName, flags: [Setting: String], environment: [String: String]) {
        self.program = program
        for setting in Setting.all(of: program) {
            entries[setting] = Entry(text: setting.description.defaultValue, source: .defaultValue)
            if let entry = fromEnvironment(setting, environment) { entries[setting] = entry }
            if let text = flags[setting] { entries[setting] = Entry(text: text, source: .flag) }
        }
        errors += SettingValues.unknownVariables(in: environment)
    }

    /// A setting's text; its default when the program does not have it.
    package subscript(_ setting: Setting) -> Entry {
        entries[setting] ?? Entry(text: setting.description.defaultValue, source: .defaultValue)
    }

    private mutating func fromEnvironment(_ setting: Setting, _ environment: [String: String]) -> Entry? {
        let text = environment[setting.variable].flatMap { $0.isEmpty ? nil : $0 }
        guard let fileVariable = setting.fileVariable, let path = environment[fileVariable], !path.isEmpty else {
            return text.map { Entry(text: $0, source: .environment) }
        }
        guard text == nil else {
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
        let known = Setting.allCases.flatMap { [$0.variable] + ($0.fileVariable.map { [$0] } ?? []) }
        return environment.keys.sorted().filter { $0.hasPrefix("HOOKLINE_") && !known.contains($0) }.map { name in
            let nearest = known.map { ($0, editDistance($0, name)) }.min { $0.1 < $1.1 }
            return .unknownVariable(name, nearest: nearest.flatMap { $0.1 <= 3 ? $0.0 : nil })
        }
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
