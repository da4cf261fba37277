import WireJSON

/// A text that is looked for in texts and in the source of JSON. The case of letters does not matter.
package struct SearchText: Hashable, Sendable {
    /// The maximum length, in code points.
    package static let maximumLength = 200

    /// One code point: the ways to write it in UTF-8, with ASCII letters in lower case.
    private typealias Forms = [[UInt8]]

    private let plain: [Forms]
    /// The same with what JSON strings can have instead.
    private let source: [Forms]
    /// Nil for a text that is no number.
    private let number: Int?

    /// Nil for an empty text.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        plain = text.unicodeScalars.map(Self.plainForms)
        source = text.unicodeScalars.map(Self.sourceForms)
        number = Int(text)
    }

    /// Whether it occurs in a text.
    package func occurs(in text: String?) -> Bool {
        guard let text, !text.isEmpty else { return false }
        return Self.contains(Array(text.utf8), plain)
    }

    /// Whether it occurs in a body: as it is, or as a JSON string writes it. The body may be invalid UTF-8.
    package func occurs(inBody body: [UInt8]) -> Bool { Self.contains(body, source) }

    /// Whether it is this number: part of a number does not count.
    package func equals(_ value: Int) -> Bool { number == value }

    // MARK: Forms

    private static func plainForms(_ scalar: Unicode.Scalar) -> Forms {
        unique(cases(scalar).map { folded($0.utf8) })
    }

    private static func sourceForms(_ scalar: Unicode.Scalar) -> Forms {
        let escaped = cases(scalar).flatMap { text in
            [JSONText.Escaping.unicode, .ascii].map { escaping in
                var string: [UInt8] = []
                JSONText.append(text, escaping: escaping, to: &string)
                return folded(string.dropFirst().dropLast())
            }
        }
        return unique(plainForms(scalar) + escaped)
    }

    private static func cases(_ scalar: Unicode.Scalar) -> [String] {
        [String(scalar), scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
    }

    private static func unique(_ forms: Forms) -> Forms {
        forms.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func folded(_ bytes: some Sequence<UInt8>) -> [UInt8] { bytes.map(folded) }

    @inline(__always)
    private static func folded(_ byte: UInt8) -> UInt8 { byte &+ (byte &- 65 < 26 ? 32 : 0) }

    // MARK: Search

    private static func contains(_ text: [UInt8], _ forms: [Forms]) -> Bool {
        // Most bytes do not begin a match.
        var isFirst = [Bool](repeating: false, count: 256)
        for form in forms[0] { isFirst[Int(form[0])] = true }
        return text.withUnsafeBufferPointer { text in
            isFirst.withUnsafeBufferPointer { isFirst in
                text.indices.contains { isFirst[Int(folded(text[$0]))] && matches(text, $0, forms[...]) }
            }
        }
    }

    private static func matches(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ forms: ArraySlice<Forms>
    ) -> Bool {
        guard let first = forms.first else { return true }
        return first.contains { form in
            form.count <= text.count - start && form.indices.allSatisfy { folded(text[start + $0]) == form[$0] }
                && matches(text, start + form.count, forms.dropFirst())
        }
    }
}
