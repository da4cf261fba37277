import Buffer

/// Reading the few stored fields whose value matters, straight from the page's bytes.
extension WebhookRequestPage {
    /// The fragment as a 64-bit integer; nil when it is absent, no integer literal, or too large.
    func integer(_ fragment: WebhookRequestRow.Fragment) -> Int64? {
        decimal(bytes[fragment.range])
    }

    /// A project's id, written as a number by callers of the original's buffer and as a string by its webhook path
    /// (design, D3).
    func integerOrDecimalString(_ fragment: WebhookRequestRow.Fragment) -> Int64? {
        decimal(unquoted(bytes[fragment.range]) ?? bytes[fragment.range])
    }

    /// The 32 lower-case hexadecimal digits of an event id, whose dashes and case do not matter; nil for anything else.
    func eventID(_ fragment: WebhookRequestRow.Fragment) -> String? {
        guard let text = unquoted(bytes[fragment.range]) else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for byte in text where byte != UInt8(ascii: "-") {
            switch byte {
            case 48...57, 97...102: digits.append(byte)
            case 65...70: digits.append(byte + 32)
            default: return nil
            }
        }
        return digits.count == 32 ? String(decoding: digits, as: UTF8.self) : nil
    }

    private func unquoted(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else { return nil }
        return text.dropFirst().dropLast()
    }

    private func decimal(_ text: ArraySlice<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        guard !digits.isEmpty else { return nil }

        var value: Int64 = 0
        for byte in digits {
            guard byte >= 48, byte <= 57 else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, alsoOverflowed) = product.addingReportingOverflow(Int64(byte - 48))
            guard !overflowed, !alsoOverflowed else { return nil }
            value = sum
        }
        return isNegative ? -value : value
    }
}
