import COpenSSL

/// HMAC-SHA256 (RFC 2104) of parts, with a key of any length.
///
/// With the SHA-256 of OpenSSL, which libcurl brings along: it uses the processor's own instructions where libsodium's
/// is plain C, and with that the two signatures were a tenth of what a delivery takes.
struct MessageAuthentication {
    private var inner = SHA256_CTX()
    private var outer = SHA256_CTX()

    init(key: [UInt8]) {
        let key = key.count > Int(SHA256_CBLOCK) ? MessageAuthentication.hash(of: key) : key
        begin(&inner, key, filling: 0x36)
        begin(&outer, key, filling: 0x5C)
    }

    mutating func add(_ part: [UInt8]) {
        SHA256_Update(&inner, part, part.count)
    }

    /// Ends the parts.
    mutating func code() -> [UInt8] {
        let hash = MessageAuthentication.end(&inner)
        SHA256_Update(&outer, hash, hash.count)
        return MessageAuthentication.end(&outer)
    }

    private func begin(_ state: inout SHA256_CTX, _ key: [UInt8], filling: UInt8) {
        var block = [UInt8](repeating: filling, count: Int(SHA256_CBLOCK))
        for index in key.indices { block[index] ^= key[index] }
        SHA256_Init(&state)
        SHA256_Update(&state, block, block.count)
    }

    private static func hash(of bytes: [UInt8]) -> [UInt8] {
        var state = SHA256_CTX()
        SHA256_Init(&state)
        SHA256_Update(&state, bytes, bytes.count)
        return end(&state)
    }

    private static func end(_ state: inout SHA256_CTX) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256_Final(&hash, &state)
        return hash
    }
}
