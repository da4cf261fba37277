import Buffer
import Directory
import Model

/// The settings as the program uses them.
struct Configuration {
    var listen: ListenAddress
    var socketMode: UInt16
    /// Name or number; nil = the process' own.
    var socketGroup: String?
    var redis: RedisEndpoint
    var redisConnectMilliseconds: Int
    var redisCommandMilliseconds: Int
    var directory: DirectoryLocation
    var directoryCacheSeconds: Int
    var threadCount: Int
    var events: EventCatalogue
    var limits: RequestLimits
    var drainSeconds: Int
    var inputOutputSeconds: Int
    var logsAccess: Bool
}
