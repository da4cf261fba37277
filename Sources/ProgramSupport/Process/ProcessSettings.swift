/// The settings that are about the process itself.
package struct ProcessSettings: Hashable, Sendable {
    /// Nil = standard error.
    package var logFile: String?
    package var pidFile: String?
    package var reloadSeconds = 30
    /// 0 = no limit.
    package var maximumRequests = 0
    /// 0 = no limit.
    package var maximumAgeSeconds = 0

    package init() {}

    /// What stands in the way of them on this machine, in words.
    package func problems() -> [String] {
        [
            logFile.flatMap { LogFile(path: $0).problem()?.description },
            pidFile.flatMap { PIDFile(path: $0).problem()?.description },
        ].compactMap(\.self)
    }
}

extension SettingReader {
    /// The settings about the process itself; with errors when they are wrong.
    package mutating func process() -> ProcessSettings {
        var settings = ProcessSettings()
        settings.logFile = text(.logFile)
        settings.pidFile = text(.pidFile)
        settings.reloadSeconds = number(.reloadSeconds)
        settings.maximumAgeSeconds = number(.maximumAgeSeconds)
        if Setting.maximumRequests.programs.contains(values.program) {
            settings.maximumRequests = number(.maximumRequests)
        }
        return settings
    }
}
