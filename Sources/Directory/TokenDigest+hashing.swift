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
        guard let digest = TokenDigest(rawValue: Sodium.hexadecimal(bytes)) else {
            preconditionFailure("32 bytes in hexadecimal are a digest")
        }
        self = digest
    }
}
