extension Setting {
    /// Of the settings about Redis, the directory and the queue.
    var storeDescription: Description {
        switch self {
        case .redis:
            Description(
                placeholder: "URL", defaultValue: "redis://127.0.0.1:6379/0",
                summary: "Redis: redis://[USER:PASSWORD@]HOST:PORT/DB or unix:PATH?db=DB; a password never as a flag.")
        case .redisConnectMilliseconds:
            Description(
                placeholder: "MILLISECONDS", defaultValue: "500",
                summary: "How long connecting to Redis may take, 1 to 60000.")
        case .redisCommandMilliseconds:
            Description(
                placeholder: "MILLISECONDS", defaultValue: "2000",
                summary: "How long one round trip to Redis may take, 1 to 60000.")
        case .directory:
            Description(
                placeholder: "URL", defaultValue: "sqlite:/var/lib/hookline/directory.sqlite",
                summary: "The directory of organizations, users and apps: sqlite:PATH.")
        case .directoryCacheSeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "5",
                summary: "How long a look-up in the directory stays good, 0 to 3600; 0 = not at all.")
        case .events:
            Description(
                placeholder: "LIST", defaultValue: "23.7",
                summary: "Events that can be sent and queried: 23.7, 26, or a comma-separated list.")
        default: queueDescription
        }
    }

    private var queueDescription: Description {
        switch self {
        case .queueShards:
            Description(
                placeholder: "COUNT", defaultValue: "1",
                summary: "Parts of the queue, 1 to 256; the same for all programs, changed only while it is empty.")
        case .queueMaximumDepth:
            Description(
                placeholder: "COUNT", defaultValue: "100000",
                summary: "Most events in the queue, waiting, scheduled or under way; beyond it 503.")
        case .maximumEventBytes:
            Description(
                placeholder: "BYTES", defaultValue: "262144",
                summary: "Longest body of a call that enqueues an event, 1024 to 786432; longer: 413.")
        case .idempotencySeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "86400",
                summary: "How long the Idempotency-Key of such a call is remembered, 1 to 2592000.")
        default:
            Description(
                placeholder: "SECONDS", defaultValue: "259200",
                summary: "How long events are kept to be sent again, 0 to 2592000; 0 = not at all.")
        }
    }
}
