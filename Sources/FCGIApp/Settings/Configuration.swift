import ProgramSupport
import WebhookRules

/// The settings as the program uses them.
struct Configuration {
    var process: ProcessSettings
    var listen: ListenAddress
    var socketMode: UInt16
    /// Name or number; nil = the process' own.
    var socketGroup: String?
    var stores: StoreConfiguration
    /// What explanations of an event's way go by: the worker's settings.
    var explanation: DiagnosisSettings
    var directoryCacheSeconds: Int
    var threadCount: Int
    var limits: RequestLimits
    var drainSeconds: Int
    var inputOutputSeconds: Int
    /// Memory for answers kept for the next request; 0 = none.
    var logCacheBytes: Int
    var logsAccess: Bool
    var accessFormat: AccessFormat
    /// 0 = no request is slow.
    var slowLogMilliseconds: Int
}

extension Configuration {
    /// What requests leave in `log`.
    func logs(_ log: LogWriter, pool: String) -> RequestLogs {
        RequestLogs(
            writer: log, access: logsAccess ? accessFormat : nil,
            slowMicroseconds: slowLogMilliseconds == 0 ? nil : Int64(slowLogMilliseconds) * 1000, pool: pool)
    }
}
