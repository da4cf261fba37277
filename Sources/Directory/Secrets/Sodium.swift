import CSodium
import Model

/// Texts of bytes, as libsodium makes them.
package enum Sodium {
    /// Base64 (RFC 4648) with `+`, `/` and padding.
    package static func base64(_ bytes: [UInt8]) -> String {
        // Includes the terminating zero byte.
        let count = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
        return String(unsafeUninitializedCapacity: count) { text in
            guard let start = text.baseAddress else { return 0 }
            sodium_bin2base64(start, count, bytes, bytes.count, sodium_base64_VARIANT_ORIGINAL)
            return count - 1
        }
    }

    /// Nil for anything but the canonical encoding of at least one byte; padding may be missing.
    package static func decodedBase64(_ text: String) -> [UInt8]? {
        decodedBase64(text, variant: sodium_base64_VARIANT_ORIGINAL)
            ?? decodedBase64(text, variant: sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
    }

    private static func decodedBase64(_ text: String, variant: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: text.utf8.count)
        var count = 0
        let code = sodium_base642bin(&bytes, bytes.count, text, text.utf8.count, nil, &count, nil, variant)
        return code == 0 && count > 0 ? Array(bytes.prefix(count)) : nil
    }

    /// 256 random bits as 64 hexadecimal digits, the form of the original's client secrets.
    static func randomSecret() -> Secret {
        var bytes = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&bytes, bytes.count)
        return Secret(hexadecimal(bytes))
    }

    /// Lower-case hexadecimal.
    package static func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: 2 * bytes.count) { digits in
            for (index, byte) in bytes.enumerated() {
                digits[2 * index] = digit(byte >> 4)
                digits[2 * index + 1] = digit(byte & 15)
            }
            return 2 * bytes.count
        }
    }

    /// The ASCII of a hexadecimal digit below 16.
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
