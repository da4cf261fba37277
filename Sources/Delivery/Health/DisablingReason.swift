import WebhookRules

/// Why an app is disabled. Its text is kept with the app and told to people: it goes on after "Its webhook".
enum DisablingReason: Hashable, Sendable {
    case broken(AutoDisableRule.Diagnostic, rule: AutoDisableRule)
    /// The receiver answered 410.
    case gone

    var text: String {
        switch self {
        case .gone: "answered 410 Gone, which asks for no more webhooks"
        case .broken(.timeouts, let rule):
            rule.timeoutThreshold == 1
                ? "timed out or could not be reached"
                : "timed out or could not be reached \(rule.timeoutThreshold) times on one day"
        case .broken(.errorDays, let rule):
            "answered with errors, and never with a success, on \(rule.dayCount) days in a row"
        case .broken(.fatal, _): "failed for good"
        }
    }
}
