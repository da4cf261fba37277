/// Random text for secrets and ids, from the system's source of secure random numbers.
package enum RandomText {
    /// 256 random bits as 64 hexadecimal digits, the form of the original's tokens, client ids and client secrets.
    package static func secret() -> String {
        digits(words: 4)
    }

    /// A random UUID (RFC 9562, version 4) in lower case with hyphens.
    package static func uuid() -> String {
        var digits = Array(digits(words: 2))
        digits[12] = "4"
        // The variant: the upper two bits are 10.
        digits[16] = ["8", "9", "a", "b"][(digits[16].hexDigitValue ?? 0) & 3]
        for position in [20, 16, 12, 8] { digits.insert("-", at: position) }
        return String(digits)
    }

    private static func digits(words: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<words).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}
