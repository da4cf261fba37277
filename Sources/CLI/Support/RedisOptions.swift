import ArgumentParser
import Buffer
import Model
import ProgramSupport
import Queue
import Redis

/// The Redis and the event catalogue of a command.
struct RedisOptions: ParsableArguments {
    /// Longer than a server's default: only this command waits.
    private static let commandTimeout = Duration.seconds(10)

    @OptionGroup var location: RedisLocation

    @Option(
        help: ArgumentHelp(
            "The event catalogue: auto, 23.7, 26 or comma-separated names. (default: $HOOKLINE_EVENTS, else auto: "
                + "that of $HOOKLINE_PROTOCOL, else 23.7)",
            valueName: "catalogue"))
    var events: String?

    /// The connection, not open yet.
    func connection() throws(CommandFailure) -> RedisConnection {
        try location.connection(commandTimeout: Self.commandTimeout)
    }

    /// The live workers.
    func workers() throws(CommandFailure) -> [WorkerReport] {
        let store = MetricStore(connection: try connection())
        return try reportingRedisErrors(try store.workers())
    }

    func catalogue() throws(CommandFailure) -> EventCatalogue {
        try CommandDeliverySettings(options: [.events: events]).events()
    }

    /// The events that the log of an app has: those of the catalogue, and others that its relay has received.
    func catalogue(of app: SentryApp, _ connection: RedisConnection) throws(CommandFailure) -> EventCatalogue {
        let catalogue = try catalogue()
        guard app.relayTargets != nil else { return catalogue }
        return EventCatalogue(
            catalogue.events
                + (try reportingRedisErrors(try SeenEvents(connection: connection).events(appID: app.id))))
    }

    /// The apps' log.
    func log(of catalogue: EventCatalogue) throws(CommandFailure) -> WebhookRequestBuffer {
        WebhookRequestBuffer(connection: try connection(), events: catalogue)
    }
}

/// Which Redis a command uses.
struct RedisLocation: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Redis: redis://host:port/db or unix:PATH. (default: $HOOKLINE_REDIS, or the content of the file "
                + "$HOOKLINE_REDIS_FILE, else \(Setting.redis.defaultValue))",
            valueName: "location"))
    var redis: String?

    /// The connection, not open yet.
    ///
    /// - Parameter commandTimeout: of one round trip.
    func connection(commandTimeout: Duration) throws(CommandFailure) -> RedisConnection {
        try CommandDeliverySettings(options: [.redis: redis]).connection(commandTimeout: commandTimeout)
    }
}

extension EventCatalogue {
    /// The event with this name, if it is in the catalogue.
    func event(named name: String) throws(CommandFailure) -> EventType {
        let event = EventType(rawValue: name)
        guard contains(event) else { throw CommandFailure(.data, unknownEvent(name)) }
        return event
    }

    /// The message about an event that is not in the catalogue.
    func unknownEvent(_ name: String) -> String {
        let names = events.map(\.rawValue).joined(separator: ", ")
        return "unknown event \(name); \(Setting.events.variable) allows: \(names)"
    }
}
