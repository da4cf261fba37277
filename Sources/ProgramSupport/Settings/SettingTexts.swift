import Directory
import Model
import Redis
import WebhookRules

/// The texts that follow from the table of settings, for one program or for all.
package enum SettingTexts {
    /// The part of a program's `--help` about settings.
    package static func help(of program: ProgramName) -> String {
        let settings = Setting.all(of: program)
        let files = settings.compactMap(\.fileVariable)
        return """
            Settings, as a flag or as an environment variable; a flag takes precedence. An empty variable counts as
            unset. Variables of other Hookline programs are ignored.

            \(settings.map(paragraph).joined(separator: "\n"))

            \(files.joined(separator: ", "))
            \(files.count == 1 ? "names a file" : "name files") with the value of the variable without _FILE.
            """
    }

    private static func paragraph(_ setting: Setting) -> String {
        let row = setting.row
        let value = defaults(of: row) { $0.isEmpty ? "none" : $0 }
        // Of words, the placeholder shows which are valid.
        let expectation = if case .words = row.type { "" } else { expectation(of: row).map { "\($0) " } ?? "" }
        return """
              --\(setting.flag) \(row.type.placeholder)   \(setting.variable)
                    \(plain(row.help)) \(expectation)Default: \(value)
            """
    }

    /// The settings in force, as `--check` prints them: one line `HOOKLINE_THREADS=4  (environment)` for each,
    /// passwords masked.
    package static func listing(of values: SettingValues) -> String {
        Setting.all(of: values.program).map { setting in
            let entry = values[setting]
            return "\(setting.variable)=\(masked(entry.text, of: setting))  (\(source(of: entry)))\n"
        }.joined()
    }

    /// An address that cannot be parsed may have its password anywhere.
    private static func masked(_ text: String, of setting: Setting) -> String {
        guard setting.isSecret, !text.isEmpty else { return misplaced(text) }
        if setting == .directory { return DirectoryLocation.masked(text) }
        if setting.row.type == .secret { return "***" }
        let address = setting == .redis ? (try? RedisEndpoint(parsing: text))?.description : nil
        return address ?? (try? ServerURL(parsing: text))?.description ?? "***"
    }

    /// A value that is no address, as it may be shown: `***` if it is one with a user nevertheless.
    static func misplaced(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        return text[scheme.upperBound...].contains("@") ? "***" : text
    }

    private static func source(of entry: SettingValues.Entry) -> String {
        let source =
            switch entry.source {
            case .defaultValue: "default"
            case .policy(let name): "default of policy \(name.rawValue)"
            case .environment: "environment"
            case .file(let path): "file \(path)"
            case .settingsFile(let path, let line): "file \(path) line \(line)"
            case .flag: "flag"
            }
        return entry.formerName.map { "\(source), as \($0)" } ?? source
    }

    // MARK: Documentation

    /// A page of the documentation with its tables of settings replaced: each stands between the lines
    /// `<!-- settings: NAME -->` and `<!-- end of settings -->`, where NAME is that of a section.
    package static func updated(page: String) -> String {
        var lines: [Substring] = []
        var isInTable = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == tableEnd { isInTable = false }
            if !isInTable { lines.append(line) }
            if let section = SettingTable.sections.first(where: { line == "<!-- settings: \($0.name) -->" }) {
                lines += ["", Substring(table(section)), ""]
                isInTable = true
            }
        }
        return lines.joined(separator: "\n")
    }

    private static let tableEnd = "<!-- end of settings -->"

    private static func table(_ section: SettingTable.Section) -> String {
        (["| Variable | Flag | Default | Meaning |", "|---|---|---|---|"] + section.rows.flatMap(tableRows))
            .joined(separator: "\n")
    }

    private static func tableRows(_ row: SettingRow) -> [String] {
        let value = defaults(of: row) { $0.isEmpty ? "–" : "`\($0)`" }
        var meaning = [row.help, expectation(of: row), notices(of: row)].compactMap(\.self).joined(separator: " ")
        if let page = row.page { meaning += " See [\(page)](\(page))." }
        let setting = row.setting
        return ["| `\(setting.variable)` | `--\(setting.flag)` | \(value) | \(meaning) |"]
            + (setting.fileVariable.map { ["| `\($0)` | – | – | File with the value of `\(setting.variable)`. |"] }
                ?? [])
    }

    /// conf/hookline.env.example.
    package static var exampleFile: String {
        exampleHeader + SettingTable.sections.map(exampleSection).joined()
    }

    private static let exampleHeader = """
        # Settings of hookline-fcgi, hookline-cgi, hookline-worker and hookline with their defaults. To change one,
        # remove the # and edit the value. One file serves all programs: each ignores the settings of the others. The
        # file sets the delivery policy standard; the defaults are those of that policy. Beside an original, set it to
        # sentry.
        #
        # The programs read this file at the start and at each reload. HOOKLINE_SETTINGS_FILE in the environment, or
        # --settings-file, names it. Each setting can also be an environment variable or a flag (HOOKLINE_SOCKET_MODE is
        # --socket-mode). A flag takes precedence over the environment, the environment over this file. Values can be
        # quoted. A comment begins at the start of a line. `hookline-fcgi --check` and `hookline-worker --check` show
        # and test the effective settings. Put passwords into this file or into the files named by the variables ending
        # in _FILE, never into flags.
        #
        # Written by `make settings-docs`.

        """

    private static func exampleSection(_ section: SettingTable.Section) -> String {
        let programs = Set(section.rows.flatMap(\.programs))
        let names = ProgramName.allCases.filter(programs.contains).map(\.rawValue).joined(by: "and")
        return "\n# ---- \(section.title) (\(names))\n" + section.rows.map(exampleEntry).joined()
    }

    private static func exampleEntry(_ row: SettingRow) -> String {
        let text = [row.help, expectation(of: row), notices(of: row)].compactMap(\.self).joined(separator: " ")
        let comment = wrapped(plain(text), width: 118).map { "# \($0)\n" }.joined()
        let file = row.setting.fileVariable.map { "#\($0)=\n" } ?? ""
        let line = "\(row.setting.variable)=\(row.exampleValue ?? row.defaultValue(under: examplePolicy))\n"
        return "\n\(comment)\(row.exampleValue == nil ? "#" : "")\(line)\(file)"
    }

    /// The policy that the example file sets: its other values are the defaults of that.
    private static var examplePolicy: DeliveryPolicy {
        DeliveryPolicy(Setting.policy.row.exampleValue.flatMap(DeliveryPolicy.Name.init) ?? .sentry)
    }

    // MARK: Parts

    /// The default, and behind it that of each policy with another one.
    private static func defaults(of row: SettingRow, _ format: (String) -> String) -> String {
        let others = DeliveryPolicy.Name.allCases.compactMap { name -> String? in
            let value = row.defaultValue(under: DeliveryPolicy(name))
            return value == row.defaultValue ? nil : ", \(name.rawValue): \(format(value))"
        }
        return format(row.defaultValue) + others.joined()
    }

    private static func expectation(of row: SettingRow) -> String? {
        row.type.expectation.map { "Valid: \($0)." }
    }

    private static func notices(of row: SettingRow) -> String? {
        let text = [row.notice, secrecy(of: row)].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }

    private static func secrecy(of row: SettingRow) -> String? {
        switch row.type {
        case .serverAddress: "An address with a password is rejected as a flag."
        case .secret: "Rejected as a flag."
        case .text, .words, .number, .numbers: nil
        }
    }

    private static func plain(_ text: String) -> String { text.filter { $0 != "`" } }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
