import Foundation

/// A setting that comes from an option or from the environment.
struct Setting {
    /// Nil when it is set nowhere. An empty variable is not set.
    let text: String?
    /// Where it comes from, for messages.
    let source: String

    init(
        option: String?, variable: String, optionName: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        if let option {
            text = option
            source = optionName
        } else {
            text = Setting.value(of: variable, in: environment)
            source = variable
        }
    }

    /// A setting that may hold a secret: the variable with `_FILE` names a file whose content it is.
    ///
    /// - Throws: `configuration` when both variables are set or the file cannot be read.
    init(
        option: String?, secretVariable variable: String, optionName: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandFailure) {
        guard option == nil, let path = Setting.value(of: variable + "_FILE", in: environment) else {
            self.init(option: option, variable: variable, optionName: optionName, environment: environment)
            return
        }
        let source = variable + "_FILE"
        guard Setting.value(of: variable, in: environment) == nil else {
            throw CommandFailure(.configuration, "\(variable) and \(source) are both set: keep one")
        }
        do throws(CommandFailure) {
            let bytes = try InputFile.read(path, byteLimit: Setting.fileByteLimit)
            let content = String(decoding: bytes, as: UTF8.self)
            self.init(text: content.trimmingCharacters(in: .newlines), source: source)
        } catch {
            throw CommandFailure(.configuration, "\(source): \(error.message)")
        }
    }

    private init(text: String, source: String) {
        self.text = text
        self.source = source
    }

    /// A file that holds one setting.
    private static let fileByteLimit = 64 << 10

    private static func value(of variable: String, in environment: [String: String]) -> String? {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }
}
