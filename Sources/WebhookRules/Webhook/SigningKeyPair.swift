import CSodium
import Directory
package import Model

/// An Ed25519 key pair (RFC 8032), with which webhooks are signed beside the client secret (`v1a` of Standard
/// Webhooks). Receivers need only the public key, so none of them can forge webhooks.
package struct SigningKeyPair: Sendable, Undisclosed {
    /// `whsk_` and the Base64 of seed and public key, 64 bytes.
    package let privateKey: Secret
    /// `whpk_` and the Base64 of the public key, 32 bytes.
    package let publicKey: String
    private let bytes: [UInt8]

    private static let publicPrefix = "whpk_"
    /// What a private key must be.
    package static let rule =
        "must be \(SentryApp.privateKeyPrefix) and the Base64 of a private key of Ed25519: 64 bytes, the seed and the "
        + "public key"

    /// A new random pair.
    package init() {
        var (publicBytes, bytes) = (
            [UInt8](repeating: 0, count: Int(crypto_sign_PUBLICKEYBYTES)),
            [UInt8](repeating: 0, count: Int(crypto_sign_SECRETKEYBYTES))
        )
        crypto_sign_keypair(&publicBytes, &bytes)
        privateKey = Secret(SentryApp.privateKeyPrefix + Sodium.base64(bytes))
        publicKey = Self.publicPrefix + Sodium.base64(publicBytes)
        self.bytes = bytes
    }

    /// Nil when `privateKey` does not fit the rule.
    package init?(privateKey: Secret) {
        let text = privateKey.exposed
        guard text.hasPrefix(SentryApp.privateKeyPrefix),
            let bytes = Sodium.decodedBase64(String(text.dropFirst(SentryApp.privateKeyPrefix.count))),
            bytes.count == Int(crypto_sign_SECRETKEYBYTES)
        else { return nil }
        let seed = Array(bytes.prefix(Int(crypto_sign_SEEDBYTES)))
        var (publicBytes, made) = (
            [UInt8](repeating: 0, count: Int(crypto_sign_PUBLICKEYBYTES)), [UInt8](repeating: 0, count: bytes.count)
        )
        crypto_sign_seed_keypair(&publicBytes, &made, seed)
        // With the public key of another pair, no receiver would accept a signature.
        guard made == bytes else { return nil }
        self.privateKey = privateKey
        publicKey = Self.publicPrefix + Sodium.base64(publicBytes)
        self.bytes = bytes
    }

    /// The signature of a message, 64 bytes.
    package func signature(of message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Int(crypto_sign_BYTES))
        crypto_sign_detached(&signature, nil, message, UInt64(message.count), bytes)
        return signature
    }
}

extension SentryApp {
    /// The public keys that receivers can check signatures with at a time, the newest first.
    package func publicKeys(at now: Timestamp) -> [String] {
        signingKeys(at: now).compactMap { SigningKeyPair(privateKey: $0)?.publicKey }
    }
}
