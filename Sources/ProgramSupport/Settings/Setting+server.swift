extension Setting {
    /// Of the settings about listening and answering.
    var serverDescription: Description {
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
        case .maximumBodyBytes:
            Description(
                placeholder: "BYTES", defaultValue: "1048576", summary: "Longest request body; longer: 413.")
        case .drainSeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "10",
                summary: "How long what has begun may take to finish after a stop signal, 0 to 3600.")
        case .inputOutputSeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "5",
                summary: "How long the web server may take to send a request, and to take the answer, 1 to 3600.")
        case .accessFormat:
            Description(
                placeholder: "json|FORMAT", defaultValue: "json",
                summary: "That line: json, or a format in php-fpm's letters: %R - %u %t \"%m %r\" %s.")
        case .slowLogMilliseconds:
            Description(
                placeholder: "MILLISECONDS", defaultValue: "0",
                summary: "Requests that take so long leave a line that says what took the time; 0 = none do.")
        case .logCacheBytes:
            Description(
                placeholder: "BYTES", defaultValue: "4194304",
                summary: "Memory for answers that need not be made again, at most 1 GiB; 0 = none are kept.")
        default:
            Description(
                placeholder: "on|off", defaultValue: "on", summary: "Whether each request leaves a line in the log.")
        }
    }
}
