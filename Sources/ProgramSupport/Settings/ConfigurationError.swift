/// An error in a program's arguments or settings.
package enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownFlag(String)
    case missingValue(flag: String)
    case repeatedFlag(String)
    /// Both names of a renamed setting, with different values.
    case conflictingFlags(flag: String, formerFlag: String)
    case conflictingVariables(variable: String, formerVariable: String)
    /// A variable that begins with `HOOKLINE_` and is no setting.
    case unknownVariable(String, nearest: String?)
    /// The value itself and a file with the value.
    case bothForms(variable: String, fileVariable: String)
    case unreadableFile(variable: String, reason: String)
    case invalidValue(setting: String, value: String, expected: String)
    /// The reason never holds a value that may contain a password.
    case refused(setting: String, reason: String)
    case secretInFlag(flag: String, variable: String)
    case unsupportedVariable(String, instead: String)
    /// `line` is nil when it is about the whole file; the reason never holds a value.
    case invalidSettingsFile(path: String, line: Int?, reason: String)

    /// Errors in arguments and errors in the configuration have different exit statuses.
    package var isUsage: Bool {
        switch self {
        case .unknownFlag, .missingValue, .repeatedFlag, .conflictingFlags: true
        case .conflictingVariables, .unknownVariable, .bothForms, .unreadableFile, .invalidValue, .refused,
            .secretInFlag, .unsupportedVariable, .invalidSettingsFile:
            false
        }
    }

    package var description: String {
        switch self {
        case .unknownFlag(let flag): "unknown argument \(SettingTexts.misplaced(flag)): see --help"
        case .missingValue(let flag): "--\(flag) needs a value: see --help"
        case .repeatedFlag(let flag): "--\(flag) is given more than once"
        case .conflictingFlags(let flag, let former): Self.conflict("--\(flag)", "--\(former)")
        case .conflictingVariables(let variable, let former): Self.conflict(variable, former)
        case .unknownVariable(let name, let nearest?): "unknown variable \(name): did you mean \(nearest)?"
        case .unknownVariable(let name, nil): "unknown variable \(name): remove it, or see --help for the names"
        case .bothForms(let variable, let fileVariable): "\(variable) and \(fileVariable) are both set: keep one"
        case .unreadableFile(let variable, let reason): "\(variable): \(reason)"
        case .invalidValue(let setting, let value, let expected): "\(setting) is \"\(value)\", expected \(expected)"
        case .refused(let setting, let reason): "\(setting): \(reason)"
        case .secretInFlag(let flag, let variable):
            "--\(flag) holds a password, which all users can see in the process list: set \(variable) or "
                + "\(variable)_FILE instead"
        case .unsupportedVariable(let name, let instead): "\(name) is not supported: \(instead)"
        case .invalidSettingsFile(let path, let line?, let reason): "\(path) line \(line): \(reason)"
        case .invalidSettingsFile(let path, nil, let reason): "settings file \(path): \(reason)"
        }
    }

    private static func conflict(_ name: String, _ formerName: String) -> String {
        "\(name) and \(formerName), its former name, have different values: keep \(name)"
    }
}
