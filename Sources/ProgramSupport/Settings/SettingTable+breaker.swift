import Queue

extension SettingTable {
    static let breakers = Section(
        name: "breaker", title: "Circuit breakers",
        rows: [
            SettingRow(
                .breaker, .words(["auto", "on", "off"]), default: "auto", for: .all,
                help: "Whether an app whose webhooks fail too often gets none for a while.",
                notice: "`auto` means `on` under the policy `sentry` from release 26.9 on, as the original.",
                page: "circuit-breaker.md"),
            SettingRow(
                .breakerRedis, .serverAddress, for: .all,
                help: "Redis of the circuit breakers, where the original keeps them; empty means HOOKLINE_REDIS.",
                notice: "The original's `SENTRY_RATE_LIMIT_REDIS_CLUSTER`."),
            SettingRow(
                .breakerErrors, .words(CircuitBreakerSettings.Errors.allCases.map(\.rawValue)),
                default: CircuitBreakerSettings.Errors.hardTimeout.rawValue, for: .all,
                help: "What counts as an error: an attempt ended by its deadline, or every failure of the app."),
            SettingRow(
                .breakerWindowSeconds, .number(.seconds, 20...86_400), default: "600", for: .all,
                help: "How far back errors count.", notice: "Must be the original's where both share the counters."),
            SettingRow(
                .breakerOpenSeconds, .number(.seconds, 1...86_400), default: "300", for: .all,
                help: "For how long an app gets no webhooks."),
            SettingRow(
                .breakerPercent, .number(.percent, 1...100), default: "50", for: .all,
                help: "Share of errors among the attempts that opens a circuit breaker."),
            SettingRow(
                .breakerFloor, .number(.count, 1...1_000_000_000), default: "500", for: .all,
                help: "Least number of errors that opens a circuit breaker."),
        ])
}
