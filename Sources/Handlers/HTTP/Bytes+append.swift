extension [UInt8] {
    /// Appends an ASCII literal without making a `String` of it.
    mutating func append(literal: StaticString) {
        literal.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends a decimal number.
    mutating func append(decimal: Int64) {
        append(contentsOf: String(decimal).utf8)
    }
}
