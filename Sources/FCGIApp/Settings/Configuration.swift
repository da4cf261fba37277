import ProgramSupport

/// The settings as the program uses them.
struct Configuration {
    var process: ProcessSettings
    var listen: ListenAddress
    var socketMode: UInt16
    /// Name or number; nil = the process' own.
    var socketGroup: String?
    var stores: StoreConfiguration
    var directoryCacheSeconds: Int
    var threadCount: Int
    var limits: RequestLimits
    var drainSeconds: Int
    var inputOutputSeconds: Int
    var logsAccess: Bool
}
