/// Percent-encoding of bytes in URLs (RFC 3986, 2.1) and of forms (`application/x-www-form-urlencoded`).
package enum PercentCoding {
    /// The decoded bytes; nil when a percent sign is not followed by two hexadecimal digits.
    package static func strictlyDecoded(_ encoded: some Collection<UInt8>) -> [UInt8]? {
        decoded(Array(encoded), plusIsSpace: false, isStrict: true)
    }

    /// The decoded bytes of one name or value of a query or form: `+` is a space, and a percent sign that is not
    /// followed by two hexadecimal digits stays as it is.
    package static func decodedFormField(_ encoded: some Collection<UInt8>) -> [UInt8] {
        decoded(Array(encoded), plusIsSpace: true, isStrict: false) ?? []
    }

    /// `text` for a query: everything but letters, digits and `_.-~` as percent sequences, a space as `+`.
    package static func encodedFormField(_ text: String) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: " ") {
                output.append(UInt8(ascii: "+"))
            } else {
                appendEncoded(byte, alsoSafe: [], to: &output)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// `text` for a path: as for a query, but slashes stay and a space is `%20`.
    package static func encodedPath(_ text: String) -> String {
        var output: [UInt8] = []
        for byte in text.utf8 { appendEncoded(byte, alsoSafe: [UInt8(ascii: "/")], to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    private static func decoded(_ text: [UInt8], plusIsSpace: Bool, isStrict: Bool) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "+"), plusIsSpace {
                output.append(UInt8(ascii: " "))
            } else if byte != UInt8(ascii: "%") {
                output.append(byte)
            } else if index + 1 < text.count, let high = digit(text[index]), let low = digit(text[index + 1]) {
                output.append(high << 4 | low)
                index += 2
            } else if isStrict {
                return nil
            } else {
                output.append(byte)
            }
        }
        return output
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    private static func appendEncoded(_ byte: UInt8, alsoSafe: [UInt8], to output: inout [UInt8]) {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "~"):
            output.append(byte)
        case _ where alsoSafe.contains(byte):
            output.append(byte)
        default:
            let digits = Array("0123456789ABCDEF".utf8)
            output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}
