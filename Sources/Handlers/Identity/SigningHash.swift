import CMessageDigest
import CSodium

/// The hashes that releases of the original sign with, and the codes made of them (RFC 2104).
enum SigningHash: CaseIterable, Sendable {
    case sha256
    /// Accepted by releases before 24.1.
    case sha1

    func digest(_ message: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256:
            var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
            crypto_hash_sha256(&digest, message, UInt64(message.count))
            return digest
        case .sha1: return SigningHash.sha1([message])
        }
    }

    /// The authentication code of `message`.
    func code(_ message: some Collection<UInt8>, key: [UInt8]) -> [UInt8] {
        let message = Array(message)
        switch self {
        case .sha256:
            var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
            var state = crypto_auth_hmacsha256_state()
            crypto_auth_hmacsha256_init(&state, key, key.count)
            crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
            crypto_auth_hmacsha256_final(&state, &code)
            return code
        case .sha1:
            let inner = SigningHash.sha1([SigningHash.padded(key, with: 0x36), message])
            return SigningHash.sha1([SigningHash.padded(key, with: 0x5C), inner])
        }
    }

    /// A key of the length of a block; one that is longer is hashed first.
    private static func padded(_ key: [UInt8], with byte: UInt8) -> [UInt8] {
        let blockLength = Int(SHA1_BLOCK_LENGTH)
        let short = key.count > blockLength ? sha1([key]) : key
        return (short + [UInt8](repeating: 0, count: blockLength - short.count)).map { $0 ^ byte }
    }

    private static func sha1(_ parts: [[UInt8]]) -> [UInt8] {
        var state = SHA1_CTX()
        SHA1Init(&state)
        for part in parts { SHA1Update(&state, part, part.count) }
        var digest = [UInt8](repeating: 0, count: Int(SHA1_DIGEST_LENGTH))
        SHA1Final(&digest, &state)
        return digest
    }
}

/// Comparisons whose time does not depend on where two values differ.
enum ConstantTime {
    /// Whether both are the same bytes. Their lengths are no secret.
    static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        // Without copies, which every text and array allows.
        let isEqual: Bool?? = left.withContiguousStorageIfAvailable { left in
            right.withContiguousStorageIfAvailable { right in
                sodium_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
        return (isEqual ?? nil) ?? (sodium_memcmp(Array(left), Array(right), left.count) == 0)
    }
}
