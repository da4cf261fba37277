import COpenSSL
import Directory
package import Model
import WebhookRules

/// The signatures of a webhook: HMAC-SHA256 with the app's client secret.
package enum WebhookSignature {
    /// `Sentry-Hook-Signature`: lower-case hexadecimal, of the body alone (docs/protocol.md 7.3).
    package static func hexadecimal(of body: [UInt8], secret: Secret) -> String {
        var authentication = HMACSHA256(key: SigningKey.original(of: secret))
        authentication.add(body)
        return Sodium.hexadecimal(authentication.code())
    }

    /// `webhook-signature` of Standard Webhooks: `v1,` and Base64, of `id.timestamp.body`.
    ///
    /// - Parameter timestamp: seconds since the epoch, as in `webhook-timestamp`.
    /// - Returns: nil when the secret has no key for it.
    package static func standard(id: String, timestamp: Int64, body: [UInt8], secret: Secret) -> String? {
        guard let key = SigningKey.standard(of: secret) else { return nil }
        var authentication = HMACSHA256(key: key)
        authentication.add(start(id: id, timestamp: timestamp))
        authentication.add(body)
        return "v1," + Sodium.base64(authentication.code())
    }

    /// The same with a private key of Ed25519: `v1a,` and Base64.
    ///
    /// - Returns: nil when `key` is none.
    package static func asymmetric(id: String, timestamp: Int64, body: [UInt8], key: Secret) -> String? {
        guard let pair = SigningKeyPair(privateKey: key) else { return nil }
        return "v1a," + Sodium.base64(pair.signature(of: start(id: id, timestamp: timestamp) + body))
    }

    /// What Standard Webhooks signs before the body.
    private static func start(id: String, timestamp: Int64) -> [UInt8] {
        Array((id + "." + String(timestamp) + ".").utf8)
    }
}

/// Signs webhooks with the app's client secret and private key.
package struct SecretSigning: WebhookSigning {
    package init() {}

    package func hexadecimal(of body: [UInt8], secret: Secret) -> String {
        WebhookSignature.hexadecimal(of: body, secret: secret)
    }

    package func standard(id: String, timestamp: Int64, body: [UInt8], secret: Secret) -> String? {
        WebhookSignature.standard(id: id, timestamp: timestamp, body: body, secret: secret)
    }

    package func asymmetric(id: String, timestamp: Int64, body: [UInt8], key: Secret) -> String? {
        WebhookSignature.asymmetric(id: id, timestamp: timestamp, body: body, key: key)
    }
}

/// HMAC-SHA256 (RFC 2104) of a message in parts, with a key of any length.
///
/// Uses OpenSSL's SHA-256, which libcurl needs anyway: it has the processor's SHA instructions. With libsodium's plain
/// C the two signatures were a tenth of the cost of a delivery.
private struct HMACSHA256 {
    private var inner = SHA256_CTX()
    private var outer = SHA256_CTX()

    init(key: [UInt8]) {
        let key = key.count > Int(SHA256_CBLOCK) ? HMACSHA256.hash(of: key) : key
        begin(&inner, key, filling: 0x36)
        begin(&outer, key, filling: 0x5C)
    }

    mutating func add(_ part: [UInt8]) {
        SHA256_Update(&inner, part, part.count)
    }

    /// Ends the message; returns its code.
    mutating func code() -> [UInt8] {
        let hash = HMACSHA256.end(&inner)
        SHA256_Update(&outer, hash, hash.count)
        return HMACSHA256.end(&outer)
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
