package import System

/// The settings of the process itself.
package struct ProcessSettings: Hashable, Sendable {
    /// Nil = standard error.
    package var logFile: String?
    package var pidFile: String?
    package var reloadSeconds = 30
    /// 0 = no limit.
    package var maximumRequests = 0
    /// 0 = no limit.
    package var maximumAgeSeconds = 0
    package var allowsCoreDumps = false

    package init() {}

    /// Why they cannot be used on this machine; empty when they can.
    package func problems() -> [String] {
        [
            logFile.flatMap { LogFile(path: $0).problem()?.description },
            pidFile.flatMap { PIDFile(path: $0).problem()?.description },
        ].compactMap(\.self)
    }
}

extension SettingReader {
    /// The settings of the process itself; with errors when they are invalid.
    package mutating func process() -> ProcessSettings {
        var settings = ProcessSettings()
        settings.logFile = text(.logFile)
        settings.pidFile = text(.pidFile)
        settings.reloadSeconds = number(.reloadSeconds)
        settings.maximumAgeSeconds = number(.maximumAgeSeconds)
        settings.allowsCoreDumps = isOn(.coreDumps)
        if Setting.maximumRequests.row.programs.contains(values.program) {
            settings.maximumRequests = number(.maximumRequests)
        }
        return settings
    }
}

/// When a process reloads itself: after a number of requests, or at an age.
package struct LifeLimit {
    /// The time between a failed reload and the next attempt, in seconds.
    package static let retrySeconds = 60
    /// The largest part of a limit that is subtracted at random, so that processes started together do not reload
    /// together.
    private static let spread = 0.1

    /// 0 = no limit.
    private let requests: Int
    private let end: MonotonicTime?
    private var earliest: MonotonicTime

    /// - Parameters:
    ///   - maximumRequests: 0 = no limit.
    ///   - maximumAgeSeconds: counted from `now`; 0 = no limit.
    ///   - random: a number from 0 to 1.
    package init(maximumRequests: Int, maximumAgeSeconds: Int, now: MonotonicTime, random: () -> Double) {
        requests = maximumRequests == 0 ? 0 : max(1, Int(Double(maximumRequests) * (1 - Self.spread * random())))
        let age = Double(maximumAgeSeconds) * 1_000_000 * (1 - Self.spread * random())
        end = maximumAgeSeconds == 0 ? nil : MonotonicTime(microseconds: now.microseconds + Int64(age))
        earliest = now
    }

    /// Why a reload is due; nil while none is.
    package func reason(at now: MonotonicTime, requestCount: Int) -> String? {
        guard earliest <= now else { return nil }
        if requests > 0, requestCount >= requests { return Setting.maximumRequests.flag }
        if let end, end <= now { return Setting.maximumAgeSeconds.flag }
        return nil
    }

    /// Delays the next reload after one that has begun.
    package mutating func postpone(from now: MonotonicTime) {
        earliest = now.adding(seconds: Self.retrySeconds)
    }
}
