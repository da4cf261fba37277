import Buffer
import Directory
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
        if let configuration { problems += Self.problems(of: Wiring(configuration)) }
        for problem in problems { printError(problem) }
        printText(problems.isEmpty ? "configuration is good\n" : "", to: STDOUT_FILENO)
        return problems.isEmpty ? ExitStatus.success : ExitStatus.wrongConfiguration
    }

    private func line(_ setting: Setting) -> String {
        let entry = values[setting]
        let text = setting == .redis ? Self.masked(entry.text) : entry.text
        return "\(setting.variable)=\(text)  (\(entry.source.text))"
    }

    /// An address that cannot be read may have its password anywhere.
    private static func masked(_ address: String) -> String {
        (try? RedisEndpoint(parsing: address))?.description ?? "***"
    }

    private static func problems(of wiring: Wiring) -> [String] {
        var problems: [String] = []
        do throws(BufferError) {
            try wiring.checkRedis()
        } catch {
            problems.append(error.description)
        }
        do throws(DirectoryError) {
            try wiring.checkDirectory()
        } catch {
            problems.append(error.description)
        }
        return problems
    }
}

extension SettingValues.Source {
    fileprivate var text: String {
        switch self {
        case .defaultValue: "default"
        case .environment: "environment"
        case .file(let path): "file \(path)"
        case .flag: "flag"
        }
    }
}
