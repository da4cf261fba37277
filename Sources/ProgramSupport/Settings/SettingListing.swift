import Buffer
import Redis

/// The settings in force, as `--check` prints them: no password among them.
package struct SettingListing {
    private let values: SettingValues

    package init(_ values: SettingValues) {
        self.values = values
    }

    /// One line for each setting: `HOOKLINE_THREADS=4  (environment)`.
    package var text: String {
        Setting.all(of: values.program).map { line($0) + "\n" }.joined()
    }

    private func line(_ setting: Setting) -> String {
        let entry = values[setting]
        return "\(setting.variable)=\(masked(entry.text, of: setting))  (\(entry.source.text))"
    }

    /// An address that cannot be read may have its password anywhere.
    private func masked(_ text: String, of setting: Setting) -> String {
        guard setting.isSecret, !text.isEmpty else { return text }
        let address = setting == .redis ? (try? RedisEndpoint(parsing: text))?.description : nil
        return address ?? (try? ServerURL(parsing: text))?.description ?? "***"
    }
}

extension SettingValues.Source {
    fileprivate var text: String {
        switch self {
        case .defaultValue: "default"
        case .environment: "environment"
        case .file(let path): "file \(path)"
        case .settingsFile(let path, let line): "file \(path) line \(line)"
        case .flag: "flag"
        }
    }
}
