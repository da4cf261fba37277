import ProgramSupport

/// The settings as the program uses them.
struct Configuration {
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
    /// Memory for answers kept for the next request; 0 = none.
    var logCacheBytes: Int
    var logsAccess: Bool
}
