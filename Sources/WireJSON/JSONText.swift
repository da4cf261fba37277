/// Writing JSON strings as the two encoders of the original do, byte for byte.
package enum JSONText {
    /// Which characters are escaped beside the quote, the backslash and the control characters.
    package enum Escaping: Sendable {
        /// simplejson with `ensure_ascii`: everything outside printable ASCII, U+007F included (contract 1.4).
        case ascii
        /// Django REST framework: only U+2028 and U+2029 (contract 2.5).
        case unicode
    }

    /// Appends `text` as a quoted JSON string.
    package static func append(_ text: String, escaping: Escaping, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            append(scalar, escaping: escaping, to: &output)
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, escaping: Escaping, to output: inout [UInt8]) {
        switch scalar.value {
        case 0x22: output.append(contentsOf: [0x5C, 0x22])
        case 0x5C: output.append(contentsOf: [0x5C, 0x5C])
        case 0x08: output.append(contentsOf: [0x5C, UInt8(ascii: "b")])
        case 0x0C: output.append(contentsOf: [0x5C, UInt8(ascii: "f")])
        case 0x0A: output.append(contentsOf: [0x5C, UInt8(ascii: "n")])
        case 0x0D: output.append(contentsOf: [0x5C, UInt8(ascii: "r")])
        case 0x09: output.append(contentsOf: [0x5C, UInt8(ascii: "t")])
        case 0x20..<0x7F: output.append(UInt8(scalar.value))
        case 0..<0x20: appendEscape(UInt16(scalar.value), to: &output)
        case 0x2028, 0x2029: appendEscape(UInt16(scalar.value), to: &output)
        default:
            guard escaping == .ascii else {
                output.append(contentsOf: String(Character(scalar)).utf8)
                return
            }
            for unit in UTF16.encode(scalar).map({ Array($0) }) ?? [] { appendEscape(unit, to: &output) }
        }
    }

    private static func appendEscape(_ unit: UInt16, to output: inout [UInt8]) {
        output.append(contentsOf: [0x5C, UInt8(ascii: "u")])
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift)) & 15
            output.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
