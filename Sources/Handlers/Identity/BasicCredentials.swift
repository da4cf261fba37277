/// The user name and password of `Authorization: Basic`.
enum BasicCredentials {
    /// Whether the password is empty, which is how the original's API keys are sent; nil when `base64` is not Base64.
    static func hasEmptyPassword(base64: String) -> Bool? {
        guard let bytes = decoded(Array(base64.utf8)) else { return nil }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return true }
        return colon == bytes.count - 1
    }

    /// As Python's decoder, which passes over characters that are not of the alphabet.
    private static func decoded(_ text: [UInt8]) -> [UInt8]? {
        let digits = text.compactMap(digit)
        let paddingCount = text.count { $0 == UInt8(ascii: "=") }
        guard digits.count % 4 != 1, (digits.count + paddingCount) % 4 == 0 || digits.count % 4 == 0 else { return nil }

        var output: [UInt8] = []
        var pending: UInt32 = 0
        var bitCount = 0
        for value in digits {
            pending = (pending << 6 | UInt32(value)) & 0xFFFF
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                output.append(UInt8(truncatingIfNeeded: pending >> UInt32(bitCount)))
            }
        }
        return output
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 65...90: byte - 65
        case 97...122: byte - 71
        case 48...57: byte + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
