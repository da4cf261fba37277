import WireJSON

/// The answer to one question about an event's way to its receiver.
struct Finding: Hashable {
    enum Result: String {
        /// Nothing stands in the way.
        case ok
        /// The event would not arrive because of this.
        case problem
        /// Worth knowing; decides nothing.
        case note
    }

    /// What was asked, in a word or two.
    var step: String
    var result: Result
    /// The answer in words, and what to do about it.
    var text: String

    static func ok(_ step: String, _ text: String) -> Finding { Finding(step: step, result: .ok, text: text) }
    static func problem(_ step: String, _ text: String) -> Finding {
        Finding(step: step, result: .problem, text: text)
    }
    static func note(_ step: String, _ text: String) -> Finding { Finding(step: step, result: .note, text: text) }

    var json: JSONValue {
        .object([
            .init(name: "step", value: .string(step)), .init(name: "result", value: .string(result.rawValue)),
            .init(name: "text", value: .string(text)),
        ])
    }
}
