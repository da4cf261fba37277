package import WireJSON

/// The answer to one question about an event's way to its receiver.
package struct Diagnostic: Hashable, Sendable {
    package enum Result: String, Sendable {
        /// Nothing stands in the way.
        case ok
        /// The event would not arrive because of this.
        case problem
        /// Worth knowing; decides nothing.
        case note
    }

    /// What was asked, in a word or two.
    package var step: String
    package var result: Result
    /// The answer in words, and what to do about it.
    package var text: String

    package init(step: String, result: Result, text: String) {
        self.step = step
        self.result = result
        self.text = text
    }

    package static func ok(_ step: String, _ text: String) -> Diagnostic {
        Diagnostic(step: step, result: .ok, text: text)
    }

    package static func problem(_ step: String, _ text: String) -> Diagnostic {
        Diagnostic(step: step, result: .problem, text: text)
    }

    package static func note(_ step: String, _ text: String) -> Diagnostic {
        Diagnostic(step: step, result: .note, text: text)
    }

    package var json: JSONValue {
        .object([
            .init(name: "step", value: .string(step)), .init(name: "result", value: .string(result.rawValue)),
            .init(name: "text", value: .string(text)),
        ])
    }
}

extension [Diagnostic] {
    /// What stands in the event's way.
    package var problems: [Diagnostic] { filter { $0.result == .problem } }

    /// Whether the event would be delivered now.
    package var allowDelivery: Bool { allSatisfy { $0.result != .problem } }
}
