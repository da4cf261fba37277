import CSodium
package import Model

extension TokenDigest {
    /// The SHA-256 of a token in clear.
    package init(hashing token: String) {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        var bytes = Array(token.utf8)
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        sodium_memzero(&bytes, bytes.count)
        self.init(bytes: digest)
    }

    private init(bytes: [UInt8]) {
        let hexadecimal = String(unsafeUninitializedCapacity: 2 * bytes.count) { digits in
            for (index, byte) in bytes.enumerated() {
                digits[2 * index] = TokenDigest.digit(byte >> 4)
                digits[2 * index + 1] = TokenDigest.digit(byte & 15)
            }
            return 2 * bytes.count
        }
        guard let digest = TokenDigest(rawValue: hexadecimal) else {
            preconditionFailure("32 bytes in hexadecimal are a digest")
        }
        self = digest
    }

    /// The ASCII of a hexadecimal digit below 16.
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
