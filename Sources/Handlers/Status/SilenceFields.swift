import WebhookRules
import WireJSON

/// The fields about silent apps: how many there are, by the first cause that is known.
struct SilenceFields {
    private let counts: [String: Int64]?

    /// - Parameter counts: by the name of the cause; nil = unknown, and then there are no fields.
    init(_ counts: [String: Int64]?) {
        self.counts = counts
    }

    var all: [StatusField] {
        guard let counts else { return [] }
        let byName = Silence.countNames.map { (name: $0, count: counts[$0] ?? 0) }
        let total = byName.reduce(Int64(0)) { $0.addingReportingOverflow($1.count).partialValue }
        let family = MetricFamily(
            name: "hookline_silent_apps", kind: .gauge,
            help: "Apps to which nothing was sent for days, by the first known cause.",
            samples: byName.map { .init(labels: [("cause", $0.name)], value: String($0.count)) })
        return [
            StatusField(
                line: .init(key: "silent apps", value: String(total)),
                member: .init(name: "silent_apps", value: .object(of: byName.map { ($0.name, .number($0.count)) })),
                family: family)
        ]
    }
}
