import ProgramSupport
import WebhookRules

/// The settings as the program uses them.
struct Configuration: ProgramConfiguration {
    var process: ProcessSettings
    var listen: ListenAddress
    var socketMode: UInt16
    /// Name or id; nil = the group of the process.
    var socketGroup: String?
    var stores: StoreSettings
    var identity: IdentitySettings
    /// The worker's settings that a diagnosis of a delivery needs.
    var explanation: DiagnosisSettings
    var directoryCacheSeconds: Int
    var threadCount: Int
    var limits: RequestLimits
    /// Contradictions between limits with which it serves nevertheless.
    var warnings: [String]
    /// What requests with a body may use together.
    var bodyMemoryBytes: Int
    var drainSeconds: Int
    var inputOutputSeconds: Int
    /// Size of the response cache; 0 = no cache.
    var logCacheBytes: Int
    var logsAccess: Bool
    var accessFormat: AccessFormat
    /// 0 = no request is slow.
    var slowLogMilliseconds: Int
    /// Whether a plain CGI program serves the status page. A server always does.
    var servesStatusAsCGI: Bool
}

extension Configuration {
    /// What requests write to `log`.
    func logs(_ log: LogWriter, pool: String) -> RequestLogs {
        RequestLogs(
            writer: log, access: logsAccess ? accessFormat : nil,
            slowMicroseconds: slowLogMilliseconds == 0 ? nil : Int64(slowLogMilliseconds) * 1000, pool: pool)
    }
}
