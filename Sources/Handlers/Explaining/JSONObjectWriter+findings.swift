import WebhookRules
import WireJSON

extension JSONObjectWriter {
    /// An array of `{"step", "result", "text"}`.
    mutating func append(_ name: StaticString, findings: [Diagnostic]) {
        append(name, objects: findings.map { $0.json.serialized(escaping: .unicode) })
    }
}
