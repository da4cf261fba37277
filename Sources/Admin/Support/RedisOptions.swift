import ArgumentParser
import Buffer
import Model

/// Which Redis a command works on, and which events it knows.
struct RedisOptions: ParsableArguments {
    /// As every program's when nothing is set.
    static let defaultLocation = "redis://127.0.0.1:6379/0"
    /// Longer than a server's: nobody is kept waiting but the one who asked.
    private static let commandTimeout = Duration.seconds(10)

    @Option(
        help: ArgumentHelp(
            "Redis: redis://host:port/db or unix:PATH. (default: $HOOKLINE_REDIS, or what the file "
                + "$HOOKLINE_REDIS_FILE holds, else \(RedisOptions.defaultLocation))",
            valueName: "location"))
    var redis: String?

    @Option(
        help: ArgumentHelp(
            "The events that can be stored: 23.7, 26 or names with commas. (default: $HOOKLINE_EVENTS, else 23.7)",
            valueName: "catalogue"))
    var events: String?

    /// The connection, not yet made.
    func connection() throws(CommandFailure) -> RedisConnection {
        let setting = try Setting(option: redis, secretVariable: "HOOKLINE_REDIS", optionName: "--redis")
        let endpoint: RedisEndpoint
        do throws(RedisEndpointError) {
            endpoint = try RedisEndpoint(parsing: setting.text ?? Self.defaultLocation)
        } catch {
            throw CommandFailure(.configuration, "\(setting.source): \(error)")
        }
        guard redis == nil || endpoint.password == nil else {
            throw CommandFailure(
                .configuration,
                "--redis holds a password, which everybody can see in the list of processes: set HOOKLINE_REDIS or "
                    + "HOOKLINE_REDIS_FILE instead")
        }
        return RedisConnection(endpoint: endpoint, commandTimeout: Self.commandTimeout)
    }

    /// The workers that are alive.
    func workers() throws(CommandFailure) -> [WorkerReport] {
        let store = MetricStore(connection: try connection())
        return try reportingBufferErrors { () throws(BufferError) in try store.workers() }
    }

    func catalogue() throws(CommandFailure) -> EventCatalogue {
        let setting = Setting(option: events, variable: "HOOKLINE_EVENTS", optionName: "--events")
        guard let text = setting.text else { return .version23Dot7 }
        guard let catalogue = EventCatalogue(setting: text) else {
            throw CommandFailure(
                .configuration, "\(setting.source): \"\(text)\" is neither 23.7 nor 26 nor a list of event names")
        }
        return catalogue
    }
}

/// Runs `body`, whose Redis errors become failures of the command.
func reportingBufferErrors<Result>(_ body: () throws(BufferError) -> Result) throws(CommandFailure) -> Result {
    do throws(BufferError) {
        return try body()
    } catch {
        throw CommandFailure(.unavailable, error.description)
    }
}
