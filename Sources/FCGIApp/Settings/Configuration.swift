import Planning
import ProgramSupport

/// The settings as the program uses them.
struct Configuration {
    var listen: ListenAddress
    var socketMode: UInt16
    /// Name or number; nil = the process' own.
    var socketGroup: String?
    var stores: StoreConfiguration
    /// What explanations of an event's way go by: the worker's settings.
    var explanation: ExplanationSettings
    var directoryCacheSeconds: Int
    var threadCount: Int
    var limits: RequestLimits
    var drainSeconds: Int
    var inputOutputSeconds: Int
    var logsAccess: Bool
}
