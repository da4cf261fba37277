import CSodium
package import Model

extension TokenDigest {
    /// The digest of a token's text in clear.
    package init(hashing token: String) {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        var bytes = Array(token.utf8)
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        sodium_memzero(&bytes, bytes.count)
        self.init(bytes: digest)
    }

    private init(bytes: [UInt8]) {
        let hexadecimal = Array("0123456789abcdef")
        let text = String(bytes.flatMap { [hexadecimal[Int($0 >> 4)], hexadecimal[Int($0 & 15)]] })
        guard let digest = TokenDigest(rawValue: text) else {
            preconditionFailure("32 bytes in hexadecimal are a digest")
        }
        self = digest
    }
}
