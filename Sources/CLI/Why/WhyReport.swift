import Model
import WebhookRules
import WireJSON

/// Everything that was found about an event's way.
struct WhyReport {
    let app: SentryApp
    let event: EventType
    let installation: Installation?
    var findings: [Diagnostic]
    /// The id of the test event; nil when none was sent.
    var testID: String?

    /// Whether the event would be delivered now.
    var wouldBeDelivered: Bool { findings.allowDelivery }

    /// For people.
    var text: String {
        var table = TextTable(header: [])
        for finding in findings {
            let mark =
                switch finding.result {
                case .ok: "ok"
                case .problem: "PROBLEM"
                case .note: "note"
                }
            table.append([mark, finding.step, finding.text])
        }
        let what = "\(event.rawValue)\(installation.map { " from \($0.uuid)" } ?? "")"
        let verdict =
            wouldBeDelivered
            ? "Yes: \(app.slug) would get \(what)."
            : "No: \(app.slug) would not get \(what): \(findings.problems.count.counted("problem"))."
        return table.text.drop { $0 == "\n" } + "\n" + verdict + "\n"
    }

    /// For programs.
    var json: JSONValue {
        .object([
            .init(name: "app", value: .string(app.slug)), .init(name: "event", value: .string(event.rawValue)),
            .init(name: "installation", value: installation.map { .string($0.uuid) } ?? .null),
            .init(name: "would_be_delivered", value: .bool(wouldBeDelivered)),
            .init(name: "steps", value: .array(findings.map(\.json))),
            .init(name: "test_event_id", value: testID.map { .string($0) } ?? .null),
        ])
    }
}
