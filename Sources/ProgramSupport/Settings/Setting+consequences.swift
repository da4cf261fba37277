extension Setting {
    /// Of the settings about what follows from failures.
    var consequenceDescription: Description {
        switch self {
        case .retryDelays:
            Description(
                placeholder: "LIST", defaultValue: "300,300,300",
                summary: "Seconds before the second attempt, the third, and so on, at most 20 of up to 604800; or none."
            )
        case .retryJitterPercent:
            Description(
                placeholder: "PERCENT", defaultValue: "10",
                summary: "Up to so much of a delay is added by chance, 0 to 100; never taken away.")
        case .retryAfterMaximumSeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "3600",
                summary: "The longest that a receiver's Retry-After is followed, 0 to 604800.")
        case .retryApps:
            Description(
                placeholder: "published|all", defaultValue: "published",
                summary: "Whose failures are retried: those of published apps, or of all.")
        case .visibilitySeconds:
            Description(
                placeholder: "SECONDS", defaultValue: "60",
                summary: "After how long without a sign of life another worker takes over one's events, 5 to 3600.")
        default: brokenDescription
        }
    }

    private var brokenDescription: Description {
        switch self {
        case .brokenApps:
            Description(
                placeholder: "internal|all|none", defaultValue: "internal",
                summary: "Which apps are disabled when they stay broken.")
        case .brokenTimeouts:
            Description(
                placeholder: "COUNT", defaultValue: "1000",
                summary: "So many time-outs on one day make an app broken, 1 or more.")
        case .brokenDays:
            Description(
                placeholder: "COUNT", defaultValue: "7",
                summary: "So many days of errors without one success make an app broken, 1 to 30.")
        default:
            Description(
                placeholder: "LIST", defaultValue: "",
                summary: "Per cent of the way to broken at which owners are warned, 1 to 99: 50,90.")
        }
    }
}
