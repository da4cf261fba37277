import Model
import Queue
import WebhookRules
import WireJSON

/// A target in the form that `hookline relay list` prints, of headers the names only.
struct RelayTargetReport {
    let app: SentryApp
    let target: RelayTarget
    let disabling: TargetDisabling?
    /// Nil where the policy has none, or where it is not known.
    let breaker: CircuitState?
    /// When the relay of the app has last received a webhook, whichever targets got it.
    let lastReceived: Timestamp?
    /// Whether the three above are known.
    let isKnown: Bool

    private static let unknown = "unknown"

    private var state: String { isKnown ? (disabling == nil ? "enabled" : "disabled") : Self.unknown }

    /// One line of the table.
    var cells: [String] {
        [
            app.slug, target.name,
            disabling.map { "disabled since \(Self.date($0.date)): it \($0.reason)" } ?? state,
            breaker.map(Self.text) ?? (isKnown ? "-" : Self.unknown),
            lastReceived.map(Self.date) ?? (isKnown ? "never" : Self.unknown),
            target.url, filters,
        ]
    }

    private var filters: String {
        let conditions = target.conditions.map { "\($0.path)=\(Self.text($0.value))" }
        let filters = target.events + conditions
        return filters.isEmpty ? "-" : filters.joined(separator: ", ")
    }

    private static func text(_ value: JSONValue) -> String { value.string ?? value.compactText }

    private static func text(_ breaker: CircuitState) -> String {
        breaker.name + (breaker.end.map { " until \(date($0))" } ?? "")
    }

    private static func date(_ date: Timestamp) -> String { date.truncatedToSeconds.iso8601Description }

    /// One object.
    var json: JSONValue {
        let conditions = target.conditions.map { JSONValue.Member(name: $0.path, value: $0.value) }
        return .object([
            .init(name: "app", value: .string(app.slug)),
            .init(name: "target", value: .string(target.name)),
            .init(name: "url", value: .string(target.url)),
            .init(name: "events", value: .array(target.events.map(JSONValue.string))),
            .init(name: "conditions", value: .object(conditions)),
            .init(name: "timeout_ms", value: target.timeoutMilliseconds.map(JSONValue.integer) ?? .null),
            .init(name: "header_names", value: .array(target.headers.map { .string($0.name) })),
            .init(name: "state", value: .string(state)),
            .init(name: "disabled_at", value: Self.json(disabling?.date)),
            .init(name: "disabled_reason", value: disabling.map { .string($0.reason) } ?? .null),
            .init(name: "circuit_breaker", value: breaker.map { .string($0.name) } ?? .null),
            .init(name: "circuit_breaker_until", value: Self.json(breaker?.end)),
            .init(name: "webhook_path", value: .string(app.relayPath)),
            .init(name: "last_received", value: Self.json(lastReceived)),
        ])
    }

    private static func json(_ date: Timestamp?) -> JSONValue {
        date.map { .string($0.iso8601Description) } ?? .null
    }
}
