extension Setting {
    /// Of the settings about sending webhooks.
    var sendingDescription: Description {
        switch self {
        case .webhookTimeoutMilliseconds:
            Description(
                placeholder: "MILLISECONDS", defaultValue: "5000",
                summary: "How long a webhook may take, from the look-up of its name to the end of the answer.")
        case .webhookMinimumTimeoutMilliseconds:
            Description(
                placeholder: "MILLISECONDS", defaultValue: "500",
                summary: "The shortest time-out that an app may set for itself, 1 or more.")
        case .webhookMaximumTimeoutMilliseconds:
            Description(
                placeholder: "MILLISECONDS", defaultValue: "30000",
                summary: "The longest time-out that an app may set for itself, up to 300000.")
        case .concurrency:
            Description(
                placeholder: "COUNT", defaultValue: "256",
                summary: "Webhooks under way at the same time, all apps together, 1 to 10000.")
        case .appConcurrency:
            Description(
                placeholder: "COUNT", defaultValue: "16",
                summary: "Webhooks under way at the same time to one app, 1 to 10000.")
        case .senderThreads:
            Description(placeholder: "COUNT", defaultValue: "1", summary: "Threads that send, 1 to 64.")
        case .responseBytes:
            Description(
                placeholder: "BYTES", defaultValue: "65536",
                summary: "Bytes of an answer's body that are read, 0 to 1048576.")
        default: reachDescription
        }
    }

    private var reachDescription: Description {
        switch self {
        case .allowedNetworks:
            Description(
                placeholder: "LIST", defaultValue: "",
                summary: "Networks that webhooks may reach though they are not public: 10.1.0.0/16,fd00:1::/32.")
        case .authoritiesFile:
            Description(
                placeholder: "FILE", defaultValue: "",
                summary: "Certificates (PEM) to trust beside the system's, for webhooks and mail.")
        case .proxy:
            Description(
                placeholder: "URL", defaultValue: "",
                summary: "Proxy for webhooks: http, https or socks5h://[USER:PASSWORD@]HOST:PORT; a password never as "
                    + "a flag.")
        default:
            Description(
                placeholder: "on|off", defaultValue: "on",
                summary: "Whether webhooks carry the headers of Standard Webhooks beside the original's.")
        }
    }
}
