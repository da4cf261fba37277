package import ProgramSupport
import System
import WebhookRules

/// The settings as the program uses them.
package struct Configuration: ProgramConfiguration, Sendable {
    package var process: ProcessSettings
    package var listen: ListenAddress
    package var socketMode: UInt16
    /// Name or id; nil = the group of the process.
    package var socketGroup: String?
    package var stores: StoreSettings
    package var identity: IdentitySettings
    /// The worker's settings that a diagnosis of a delivery needs.
    var explanation: DiagnosisSettings
    /// Which addresses webhooks may be sent to.
    var addresses: AddressPolicy
    var directoryCacheSeconds: Int
    package var threadCount: Int
    package var limits: RequestLimits
    /// Contradictions between limits with which it serves nevertheless.
    package var warnings: [String]
    /// What requests with a body may use together.
    package var bodyMemoryBytes: Int
    package var drainSeconds: Int
    package var inputOutputSeconds: Int
    /// Size of the response cache; 0 = no cache.
    var logCacheBytes: Int
    var logsAccess: Bool
    var accessFormat: AccessFormat
    /// 0 = no request is slow.
    var slowLogMilliseconds: Int
    /// Whether a plain CGI program serves the status page. A server always does.
    var servesStatusAsCGI: Bool
    /// Where the pages' link "Sign out" leads; nil = there is none.
    var signOutURL: String?
}

extension Configuration {
    /// What requests write to `log`.
    package func logs(_ log: LogWriter, pool: String) -> RequestLogs {
        RequestLogs(
            writer: log, access: logsAccess ? accessFormat : nil,
            slowMicroseconds: slowLogMilliseconds == 0 ? nil : Int64(slowLogMilliseconds) * 1000, pool: pool)
    }
}
