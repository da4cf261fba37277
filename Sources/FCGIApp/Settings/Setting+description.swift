extension Setting {
    var description: Description {
        switch self {
        case .listen, .socketMode, .socketGroup, .threads, .drainSeconds, .inputOutputSeconds, .accessLog:
            serverDescription
        case .redis, .redisConnectMilliseconds, .redisCommandMilliseconds, .directory, .directoryCacheSeconds, .events:
            storeDescription
        case .maximumParameters, .maximumParameterBytes, .maximumQueryBytes, .maximumBodyBytes: limitDescription
        }
    }

    private var serverDescription: Description {
        switch self {
        case .listen:
            Description(
                placeholder: "ADDRESS", defaultValue: "inherited",
                summary: "Where to listen: unix:PATH, HOST:PORT, or inherited (systemd, spawn-fcgi, CGI).")
        case .socketMode:
            Description(placeholder: "MODE", defaultValue: "0660", summary: "Mode of the unix socket, octal.")
        case .socketGroup:
            Description(
                placeholder: "GROUP", defaultValue: "",
                summary: "Group of the unix socket, by name or number; empty = the process' own.")
        case .threads:
            Description(
                placeholder: "COUNT", defaultValue: "auto",
                summary: "Requests answered at the same time, 1 to 512; auto = 4 for each processor.")
        case .drainSeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "10",
                summary: "How long requests in flight may take to finish after a stop signal, 0 to 3600.")
        case .inputOutputSeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "5",
                summary: "How long the web server may take to send a request, and to take the answer, 1 to 3600.")
        default:
            Description(
                placeholder: "on|off", defaultValue: "on", summary: "Whether each request leaves a line on stderr.")
        }
    }

    private var storeDescription: Description {
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
        default:
            Description(
                placeholder: "LIST", defaultValue: "23.7",
                summary: "Events that can be queried: 23.7, 26, or a comma-separated list.")
        }
    }

    private var limitDescription: Description {
        switch self {
        case .maximumParameters:
            Description(
                placeholder: "COUNT", defaultValue: "256", summary: "Most parameters of a request; more: 431.")
        case .maximumParameterBytes:
            Description(
                placeholder: "BYTES", defaultValue: "65536",
                summary: "Most bytes of a request's parameters, names and values; more: 431.")
        case .maximumQueryBytes:
            Description(
                placeholder: "BYTES", defaultValue: "16384", summary: "Longest query string; longer: 414.")
        default:
            Description(
                placeholder: "BYTES", defaultValue: "1048576", summary: "Longest request body; longer: 413.")
        }
    }
}
