import CSodium
import Foundation

/// How a receiver checks webhooks, written without the code that signs them.
extension WebhookReceiver.Received {
    /// Whether one of the signatures in `webhook-signature` is made with the secret, as Standard Webhooks asks for.
    package func isSigned(with secret: String) -> Bool {
        guard let id = header("webhook-id"), let timestamp = header("webhook-timestamp") else { return false }
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let expected = "v1,\(Data(Self.code(of: signed, key: secret)).base64EncodedString())"
        return standardSignatures.contains(expected)
    }

    /// Those in `webhook-signature`.
    package var standardSignatures: [String] {
        (header("webhook-signature") ?? "").split(separator: " ").map(String.init)
    }

    /// Whether `Sentry-Hook-Signature` is made with the secret.
    package func isSignedAsByTheOriginal(with secret: String) -> Bool {
        let expected = Self.code(of: body, key: secret).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }
        return header("Sentry-Hook-Signature") == expected.joined()
    }

    /// HMAC-SHA256.
    private static func code(of message: [UInt8], key: String) -> [UInt8] {
        let key = Array(key.utf8)
        var state = crypto_auth_hmacsha256_state()
        var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        crypto_auth_hmacsha256_final(&state, &code)
        return code
    }
}
