/// Writes JSON strings like the two encoders of the original, byte for byte.
package enum JSONText {
    /// The characters that are escaped beside quote, backslash and control characters.
    package enum Escaping: Sendable {
        /// simplejson with `ensure_ascii`: everything outside printable ASCII, U+007F included (docs/protocol.md 1.4).
        case ascii
        /// Django REST framework: only U+2028 and U+2029 (docs/protocol.md 2.5).
        case unicode
    }

    /// Appends `text` as a quoted JSON string.
    package static func append(_ text: String, escaping: Escaping, to output: inout [UInt8]) {
        var text = text
        output.append(UInt8(ascii: "\""))
        text.withUTF8 { append($0, escaping: escaping, to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends the UTF-8 of a `String`; runs without escapes are copied whole.
    private static func append(_ text: UnsafeBufferPointer<UInt8>, escaping: Escaping, to output: inout [UInt8]) {
        var runStart = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            var length = 1
            if byte >= 0x80 {
                length = self.length(ofSequence: byte)
                if escaping == .unicode, !isLineSeparator(text, at: index) {
                    index += length
                    continue
                }
            } else if !needsEscape(byte, escaping) {
                index += 1
                continue
            }
            output.append(contentsOf: text[runStart..<index])
            appendEscaped(text, at: index, to: &output)
            index += length
            runStart = index
        }
        output.append(contentsOf: text[runStart...])
    }

    /// A valid JSON text without the white space between its tokens, with characters other than printable ASCII as
    /// `\uXXXX`; what is printable ASCII stays as it is written, escapes included.
    static func compactASCII(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(
            text.reduce(0) { count, byte in
                // A sequence of four bytes is two escapes.
                byte < 0x7F
                    ? count + 1
                    : byte == 0x7F || (0xC0..<0xF0).contains(byte)
                        ? count + 6
                        : byte >= 0xF0 ? count + 12 : count
            })
        var isInString = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte >= 0x7F {
                appendEscaped(text, at: index, to: &output)
                index += length(ofSequence: byte)
                continue
            }
            index += 1
            if isInString, byte == UInt8(ascii: "\\"), index < text.count {
                output.append(byte)
                output.append(text[index])
                index += 1
                continue
            }
            if byte == UInt8(ascii: "\"") { isInString.toggle() }
            if isInString || byte > 0x20 { output.append(byte) }
        }
        return output
    }

    private static func length(ofSequence lead: UInt8) -> Int {
        lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    private static func needsEscape(_ byte: UInt8, _ escaping: Escaping) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C || (byte == 0x7F && escaping == .ascii)
    }

    /// Whether U+2028 or U+2029 begins at `index`.
    private static func isLineSeparator(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        text[index] == 0xE2 && text[index + 1] == 0x80 && (text[index + 2] == 0xA8 || text[index + 2] == 0xA9)
    }

    private static func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, at index: Int, to output: inout [UInt8]) {
        switch text[index] {
        case 0x22, 0x5C: appendShort(text[index], to: &output)
        case 0x08: appendShort(UInt8(ascii: "b"), to: &output)
        case 0x0C: appendShort(UInt8(ascii: "f"), to: &output)
        case 0x0A: appendShort(UInt8(ascii: "n"), to: &output)
        case 0x0D: appendShort(UInt8(ascii: "r"), to: &output)
        case 0x09: appendShort(UInt8(ascii: "t"), to: &output)
        default:
            let value = scalar(text, at: index)
            guard value >= 0x10000 else { return appendUnit(value, to: &output) }
            appendUnit(0xD800 + (value - 0x10000) >> 10, to: &output)
            appendUnit(0xDC00 + (value - 0x10000) & 0x3FF, to: &output)
        }
    }

    /// The scalar that begins at `index` of valid UTF-8.
    private static func scalar(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt32 {
        let lead = UInt32(text[index])
        func bits(_ distance: Int) -> UInt32 { UInt32(text[index + distance] & 0x3F) }
        return switch lead {
        case 0..<0x80: lead
        case ..<0xE0: (lead & 0x1F) << 6 | bits(1)
        case ..<0xF0: (lead & 0x0F) << 12 | bits(1) << 6 | bits(2)
        default: (lead & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3)
        }
    }

    private static func appendShort(_ letter: UInt8, to output: inout [UInt8]) {
        output.append(0x5C)
        output.append(letter)
    }

    private static func appendUnit(_ unit: UInt32, to output: inout [UInt8]) {
        output.append(0x5C)
        output.append(UInt8(ascii: "u"))
        for shift: UInt32 in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> shift) & 15
            output.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
