package import WireJSON

/// One result of a diagnosis: a step of the delivery, and whether it works.
package struct Diagnostic: Hashable, Sendable {
    package enum Result: String, Sendable {
        /// The step works.
        case ok
        /// The event would not be delivered.
        case problem
        /// The event would wait, because nothing is delivered at the moment.
        case warning
        /// For information; does not prevent delivery.
        case note
    }

    /// The name of the step, in one or two words.
    package var step: String
    package var result: Result
    /// The result, and what to do about it.
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

    package static func warning(_ step: String, _ text: String) -> Diagnostic {
        Diagnostic(step: step, result: .warning, text: text)
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
    /// What prevents delivery.
    package var problems: [Diagnostic] { filter { $0.result == .problem } }

    /// Why the event would wait in the queue.
    package var warnings: [Diagnostic] { filter { $0.result == .warning } }

    /// Whether the event would be delivered, at the latest when nothing makes it wait any more.
    package var allowDelivery: Bool { allSatisfy { $0.result != .problem } }
}

/// The beginning of a response body, in one line and without control characters, for terminals.
package struct Excerpt: CustomStringConvertible {
    /// Limit in Unicode scalars.
    private static let maximumCount = 300

    package let description: String

    package init(_ body: String) {
        let scalars = body.unicodeScalars.prefix(Self.maximumCount).map {
            $0.properties.generalCategory == .control ? " " : $0
        }
        description =
            String(String.UnicodeScalarView(scalars))
            + (body.unicodeScalars.dropFirst(Self.maximumCount).isEmpty ? "" : "…")
    }
}
