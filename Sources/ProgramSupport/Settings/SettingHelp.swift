/// The part of a program's `--help` that follows from the table of settings.
package enum SettingHelp {
    /// One paragraph for each setting of the program, and what is said of settings that may come from files.
    package static func text(of program: ProgramName) -> String {
        let settings = Setting.all(of: program)
        let files = settings.compactMap(\.fileVariable)
        return """
            Settings, as a flag or as a variable (the flag wins; variables of Hookline's other programs are passed over):

            \(settings.map(paragraph).joined(separator: "\n"))

            \(files.joined(separator: ", ")) \(files.count == 1 ? "names a file that holds" : "name files that hold") the \
            value.
            """
    }

    private static func paragraph(_ setting: Setting) -> String {
        let description = setting.description
        let value = description.defaultValue.isEmpty ? "none" : description.defaultValue
        return """
              --\(setting.flag) \(description.placeholder)   \(setting.variable)
                    \(description.summary) Default: \(value)
            """
    }
}
