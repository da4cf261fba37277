import Glibc

/// `--check`: shows the settings and tries what they name.
struct Check {
    let values: SettingValues
    let invocation: Invocation

    func run() -> Int32 {
        for setting in Setting.allCases { printText(line(setting) + "\n", to: STDOUT_FILENO) }
        var reader = ConfigurationReader(values)
        let configuration = reader.read()
        var problems = reader.errors.map(\.description)
        if let configuration { problems += Wiring(configuration).problems() }
        for problem in problems { printError(problem) }
        printText(problems.isEmpty ? "configuration is good\n" : "", to: STDOUT_FILENO)
        return problems.isEmpty ? ExitStatus.success : ExitStatus.wrongConfiguration
    }

    private func line(_ setting: Setting) -> String {
        let entry = values[setting]
        let text = setting == .redis ? MaskedAddress(entry.text).description : entry.text
        return "\(setting.variable)=\(text)  (\(entry.source.text(setting)))"
    }
}

extension SettingValues.Source {
    fileprivate func text(_ setting: Setting) -> String {
        switch self {
        case .defaultValue: "default"
        case .environment: "environment"
        case .file(let path): "file \(path)"
        case .flag: "flag"
        }
    }
}
