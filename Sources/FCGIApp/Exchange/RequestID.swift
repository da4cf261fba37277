import Glibc

/// The name under which one request is found in every log.
enum RequestID {
    /// The longest one that is taken from the web server.
    static let maximumLength = 64

    /// What the web server gave if it is 1 to 64 letters, digits and hyphens, else 32 random hexadecimal digits.
    static func from(_ parameter: UnsafeBufferPointer<UInt8>?) -> String {
        guard let parameter, (1...maximumLength).contains(parameter.count), parameter.allSatisfy(isAllowed)
        else { return random() }
        return String(decoding: parameter, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
    }

    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}
