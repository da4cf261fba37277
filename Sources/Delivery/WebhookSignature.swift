import CSodium
package import Model

/// The signature of a webhook: lower-case hexadecimal HMAC-SHA256 of the body with the app's client secret.
///
/// The time stamp is not part of what is signed (contract 7.3).
package enum WebhookSignature {
    package static func hexadecimal(of body: [UInt8], secret: Secret) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = authenticationCode(of: body, key: Array(secret.exposed.utf8)).flatMap {
            [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// HMAC-SHA256 with a key of any length, which libsodium's one-shot call does not take.
    private static func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        crypto_auth_hmacsha256_final(&state, &code)
        return code
    }
}
