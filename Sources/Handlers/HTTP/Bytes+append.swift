extension [UInt8] {
    /// Appends an ASCII literal without making a `String` of it.
    package mutating func append(literal: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends a decimal number.
    package mutating func append(decimal: Int64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = digits.count
        var rest = decimal.magnitude
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if decimal < 0 { append(UInt8(ascii: "-")) }
        digits.span.extracting(start...).withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
