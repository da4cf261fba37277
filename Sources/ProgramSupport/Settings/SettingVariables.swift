/// Variables from one place, each with the source to show for it. An empty variable is as good as none.
struct SettingVariables {
    private let entries: [String: SettingValues.Entry]

    /// Those of a process.
    init(_ environment: [String: String]) {
        entries = environment.filter { !$0.value.isEmpty }.mapValues { .init(text: $0, source: .environment) }
    }

    /// Those of a settings file; of a name that stands there more than once, the last, as systemd takes it.
    init(_ file: SettingsFile) {
        let pairs = file.assignments.map { assignment in
            (
                assignment.name,
                SettingValues.Entry(
                    text: assignment.value, source: .settingsFile(path: file.path, line: assignment.line))
            )
        }
        entries = Dictionary(pairs) { $1 }.filter { !$0.value.text.isEmpty }
    }

    subscript(_ name: String) -> SettingValues.Entry? { entries[name] }
}
