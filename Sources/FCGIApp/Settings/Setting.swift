/// Every setting of the program. Parsing, `--help`, `--check` and the search for unknown variables all follow this list.
enum Setting: String, CaseIterable {
    case listen
    case socketMode = "socket-mode"
    case socketGroup = "socket-group"
    case redis
    case redisConnectMilliseconds = "redis-connect-ms"
    case redisCommandMilliseconds = "redis-command-ms"
    case directory
    case directoryCacheSeconds = "directory-cache-seconds"
    case threads
    case events
    case maximumParameters = "max-parameters"
    case maximumParameterBytes = "max-parameter-bytes"
    case maximumQueryBytes = "max-query-bytes"
    case maximumBodyBytes = "max-body-bytes"
    case drainSeconds = "drain-seconds"
    case inputOutputSeconds = "io-seconds"
    case accessLog = "access-log"

    /// What one setting is, for people.
    struct Description {
        /// Stands for the value in the help.
        var placeholder: String
        var defaultValue: String
        /// One sentence.
        var summary: String
    }

    /// Without the two hyphens.
    var flag: String { rawValue }

    /// `HOOKLINE_SOCKET_MODE` for `socket-mode`.
    var variable: String {
        "HOOKLINE_" + rawValue.uppercased().split(separator: "-").joined(separator: "_")
    }

    /// The variable that names a file with the value; only secrets have one.
    var fileVariable: String? { self == .redis ? variable + "_FILE" : nil }

    init?(flag: String) {
        self.init(rawValue: flag)
    }
}
