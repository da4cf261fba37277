import Glibc
import WireJSON

/// A text that is looked for in texts and in the source of JSON.
///
/// The case of ASCII letters does not matter. Other letters are found as they are written, or all of them in lower or
/// in upper case.
package struct SearchText: Hashable, Sendable {
    /// The maximum length, in code points.
    package static let maximumLength = 200

    /// UTF-8 with ASCII letters in lower case, without repetitions.
    private let plainForms: [[UInt8]]
    /// `plainForms`, and what JSON strings write instead of them.
    private let sourceForms: [[UInt8]]
    /// Nil for a text that is no number.
    private let number: Int?

    /// Nil for an empty text.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        var plain: [[UInt8]] = []
        var source: [[UInt8]] = []
        for variant in [text, text.lowercased(), text.uppercased()] {
            Self.append(Self.folded(variant.utf8), to: &plain)
            for escaping in [JSONText.Escaping.unicode, .ascii] {
                var string: [UInt8] = []
                JSONText.append(variant, escaping: escaping, to: &string)
                Self.append(Self.folded(string.dropFirst().dropLast()), to: &source)
            }
        }
        plainForms = plain
        sourceForms = plain + source.filter { !plain.contains($0) }
        number = Int(text)
    }

    /// Whether it occurs in a text.
    package func occurs(in text: String?) -> Bool {
        guard let text, !text.isEmpty else { return false }
        return Self.contains(Self.folded(text.utf8), plainForms)
    }

    /// Whether it occurs in a body: as it is, or as a JSON string writes it. The body may be invalid UTF-8.
    package func occurs(inBody body: some Collection<UInt8>) -> Bool {
        guard !body.isEmpty else { return false }
        return Self.contains(Self.folded(body), sourceForms)
    }

    /// Whether it is this number: part of a number does not count.
    package func equals(_ value: Int) -> Bool { number == value }

    private static func append(_ form: [UInt8], to forms: inout [[UInt8]]) {
        if !forms.contains(form) { forms.append(form) }
    }

    private static func folded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var output = Array(bytes)
        output.withUnsafeMutableBufferPointer { bytes in
            for index in bytes.indices {
                let byte = bytes[index]
                bytes[index] = byte &+ (byte &- 65 < 26 ? 32 : 0)
            }
        }
        return output
    }

    private static func contains(_ text: [UInt8], _ forms: [[UInt8]]) -> Bool {
        text.withUnsafeBufferPointer { text in forms.contains { contains(text, $0) } }
    }

    private static func contains(_ text: UnsafeBufferPointer<UInt8>, _ form: [UInt8]) -> Bool {
        var start = 0
        while text.count - start >= form.count {
            let candidates = text.count - start - form.count + 1
            guard let found = memchr(text.baseAddress! + start, Int32(form[0]), candidates) else { return false }
            start = UnsafeRawPointer(found) - UnsafeRawPointer(text.baseAddress!)
            if memcmp(text.baseAddress! + start, form, form.count) == 0 { return true }
            start += 1
        }
        return false
    }
}
