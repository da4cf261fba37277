/// A decimal integer with an optional minus sign that fills `range`; nil for anything else and beyond 64 bits.
@inlinable package func parseDecimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    let isNegative = index < range.upperBound && bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    guard index < range.upperBound else { return nil }
    var value = 0
    // Eighteen digits always fit.
    let isShort = range.upperBound - index <= 18
    while index < range.upperBound {
        let digit = bytes[index] &- 0x30
        guard digit < 10 else { return nil }
        if isShort {
            value = value &* 10 &- Int(digit)
        } else {
            let (product, hasOverflow) = value.multipliedReportingOverflow(by: 10)
            let (difference, overflows) = product.subtractingReportingOverflow(Int(digit))
            guard !hasOverflow, !overflows else { return nil }
            value = difference
        }
        index += 1
    }
    // Built as a negative number, because the smallest integer has no positive counterpart.
    if isNegative { return value }
    return value == .min ? nil : -value
}
