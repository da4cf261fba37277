import ArgumentParser
import Buffer
import Model
import ProgramSupport
import Queue
import Redis

/// Which Redis a command works on, and which events it knows.
struct RedisOptions: ParsableArguments {
    /// Longer than a server's: nobody is kept waiting but the one who asked.
    private static let commandTimeout = Duration.seconds(10)

    @Option(
        help: ArgumentHelp(
            "Redis: redis://host:port/db or unix:PATH. (default: $HOOKLINE_REDIS, or what the file "
                + "$HOOKLINE_REDIS_FILE holds, else \(Setting.redis.defaultValue))",
            valueName: "location"))
    var redis: String?

    @Option(
        help: ArgumentHelp(
            "The events that can be stored: 23.7, 26 or names with commas. (default: $HOOKLINE_EVENTS, else 23.7)",
            valueName: "catalogue"))
    var events: String?

    /// The connection, not yet made.
    func connection() throws(CommandFailure) -> RedisConnection {
        try CommandDeliverySettings(options: [.redis: redis]).connection(commandTimeout: Self.commandTimeout)
    }

    /// The workers that are alive.
    func workers() throws(CommandFailure) -> [WorkerReport] {
        let store = MetricStore(connection: try connection())
        return try reportingRedisErrors { () throws(RedisError) in try store.workers() }
    }

    func catalogue() throws(CommandFailure) -> EventCatalogue {
        try CommandDeliverySettings(options: [.events: events]).events()
    }
}

/// Runs `body`, whose Redis errors become failures of the command.
func reportingRedisErrors<Result>(_ body: () throws(RedisError) -> Result) throws(CommandFailure) -> Result {
    do throws(RedisError) {
        return try body()
    } catch {
        throw CommandFailure(.unavailable, error.description)
    }
}
