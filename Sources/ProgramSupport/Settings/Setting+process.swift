extension Setting {
    /// Of the settings about the process itself.
    var processDescription: Description {
        switch self {
        case .settingsFile:
            Description(
                placeholder: "FILE", defaultValue: "",
                summary: "Lines KEY=VALUE with these variables; read again by a reload. Variables and flags win.")
        case .logFile:
            Description(
                placeholder: "FILE", defaultValue: "",
                summary: "Where the log is appended, USR1 opens it anew; empty = stderr.")
        case .pidFile:
            Description(
                placeholder: "FILE", defaultValue: "",
                summary: "Holds the number of the process that serves, also after a reload; empty = none.")
        case .reloadSeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "30",
                summary: "How long a reload's check, and then its new process' start, may take, 1 to 600.")
        case .maximumRequests:
            Description(
                placeholder: "COUNT", defaultValue: "0",
                summary: "After so many requests, or up to a tenth fewer, the process reloads itself; 0 = never.")
        default:
            Description(
                placeholder: "SECONDS", defaultValue: "0",
                summary: "At this age, or up to a tenth earlier, the process reloads itself; 0 = never.")
        }
    }
}
