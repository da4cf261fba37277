/// What is wrong with the way a program was told to run.
package enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownFlag(String)
    case missingValue(flag: String)
    case repeatedFlag(String)
    /// A variable that begins with `HOOKLINE_` and is no setting.
    case unknownVariable(String, nearest: String?)
    /// Value in clear and name of a file, both given.
    case bothForms(variable: String, fileVariable: String)
    case unreadableFile(variable: String, reason: String)
    case badValue(setting: String, value: String, expected: String)
    /// The reason never holds a value that may contain a password.
    case refused(setting: String, reason: String)
    case secretInFlag(flag: String, variable: String)
    case unsupportedVariable(String, instead: String)
    /// `line` is nil when it is about the whole file; the reason never holds a value.
    case wrongSettingsFile(path: String, line: Int?, reason: String)

    /// Mistakes on the command line are told from mistakes in the configuration by the exit status.
    package var isUsage: Bool {
        switch self {
        case .unknownFlag, .missingValue, .repeatedFlag: true
        default: false
        }
    }

    package var description: String {
        switch self {
        case .unknownFlag(let flag): "unknown argument \(flag): see --help"
        case .missingValue(let flag): "--\(flag) needs a value: see --help"
        case .repeatedFlag(let flag): "--\(flag) is given more than once"
        case .unknownVariable(let name, let nearest?): "unknown variable \(name): did you mean \(nearest)?"
        case .unknownVariable(let name, nil): "unknown variable \(name): remove it, or see --help for the names"
        case .bothForms(let variable, let fileVariable): "\(variable) and \(fileVariable) are both set: keep one"
        case .unreadableFile(let variable, let reason): "\(variable): \(reason)"
        case .badValue(let setting, let value, let expected): "\(setting) is \"\(value)\", expected \(expected)"
        case .refused(let setting, let reason): "\(setting): \(reason)"
        case .secretInFlag(let flag, let variable):
            "--\(flag) holds a password, which everybody can see in the list of processes: set \(variable) or "
                + "\(variable)_FILE instead"
        case .unsupportedVariable(let name, let instead): "\(name) is not supported: \(instead)"
        case .wrongSettingsFile(let path, let line?, let reason): "\(path) line \(line): \(reason)"
        case .wrongSettingsFile(let path, nil, let reason): "settings file \(path): \(reason)"
        }
    }
}
