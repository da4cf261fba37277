import Buffer

/// Decodes the few stored fields whose values are used, from a page's bytes.
extension Span<UInt8> {
    /// The field as a 64-bit integer; nil when it is absent, not an integer literal, or too large.
    func integer(_ fragment: WebhookRequestRow.Fragment) -> Int64? {
        decimal(fragment.range)
    }

    /// A project's id, which the original's writers store as a number or as a string (docs/compatibility.md D3).
    func integerOrDecimalString(_ fragment: WebhookRequestRow.Fragment) -> Int64? {
        decimal(unquoted(fragment.range) ?? fragment.range)
    }

    /// A project's id as a JSON number: what is stored, without its quotes; absent where it is not a number without
    /// leading zeros (docs/compatibility.md D29).
    func number(_ fragment: WebhookRequestRow.Fragment) -> WebhookRequestRow.Fragment {
        let range = unquoted(fragment.range) ?? fragment.range
        guard decimal(range) != nil, self[range.lowerBound] != UInt8(ascii: "0") || range.count == 1 else {
            return .absent
        }
        return WebhookRequestRow.Fragment(lower: UInt32(range.lowerBound), upper: UInt32(range.upperBound))
    }

    /// The 32 lower-case hexadecimal digits of an event id, whose dashes and case do not matter; nil for anything else.
    func eventID(_ fragment: WebhookRequestRow.Fragment) -> String? {
        guard let range = unquoted(fragment.range) else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for index in range {
            switch self[index] {
            case UInt8(ascii: "-"): continue
            case 48...57, 97...102: digits.append(self[index])
            case 65...70: digits.append(self[index] + 32)
            default: return nil
            }
        }
        return digits.count == 32 ? String(decoding: digits, as: UTF8.self) : nil
    }

    private func unquoted(_ range: Range<Int>) -> Range<Int>? {
        guard range.count >= 2, self[range.lowerBound] == UInt8(ascii: "\""),
            self[range.upperBound - 1] == UInt8(ascii: "\"")
        else { return nil }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    private func decimal(_ range: Range<Int>) -> Int64? {
        guard let first = range.first else { return nil }
        let isNegative = self[first] == UInt8(ascii: "-")
        let digits = isNegative ? first + 1..<range.upperBound : range
        guard !digits.isEmpty else { return nil }

        var value: Int64 = 0
        // Eighteen digits never overflow.
        let isShort = digits.count <= 18
        for index in digits {
            let digit = self[index] &- 48
            guard digit < 10 else { return nil }
            if isShort {
                value = value &* 10 &+ Int64(digit)
            } else {
                let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
                let (sum, alsoOverflowed) = product.addingReportingOverflow(Int64(digit))
                guard !overflowed, !alsoOverflowed else { return nil }
                value = sum
            }
        }
        return isNegative ? -value : value
    }
}
