import Model

/// The settings as the program uses them.
struct Configuration {
    var listen: ListenAddress
    var socketMode: UInt16
    /// Name or number; nil = the process' own.
    var socketGroup: String?
    /// The address with user and password, if it has them.
    var redis: Secret
    var redisConnectMilliseconds: Int
    var redisCommandMilliseconds: Int
    /// The path of the SQLite database.
    var directoryPath: String
    var directoryCacheSeconds: Int
    var threadCount: Int
    var events: EventCatalogue
    var limits: RequestLimits
    var drainSeconds: Int
    var inputOutputSeconds: Int
    var logsAccess: Bool
}
