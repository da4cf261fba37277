import CSodium
package import Model

/// The signatures of a webhook: HMAC-SHA256 with the app's client secret.
package enum WebhookSignature {
    /// `Sentry-Hook-Signature`: lower-case hexadecimal, over the body alone (contract 7.3).
    package static func hexadecimal(of body: [UInt8], secret: Secret) -> String {
        var authentication = MessageAuthentication(key: Array(secret.exposed.utf8))
        authentication.add(body)
        return hexadecimal(authentication.code())
    }

    /// `webhook-signature` of Standard Webhooks: `v1,` and Base64, over `id.timestamp.body`.
    ///
    /// - Parameter timestamp: seconds since the epoch, as in `webhook-timestamp`.
    package static func standard(id: String, timestamp: Int64, body: [UInt8], secret: Secret) -> String {
        var authentication = MessageAuthentication(key: standardKey(of: secret))
        authentication.add(Array((id + "." + String(timestamp) + ".").utf8))
        authentication.add(body)
        return "v1," + base64(authentication.code())
    }

    /// The key of a Standard Webhooks signature: what a secret of the form `whsec_…` holds in Base64, else the secret's
    /// own UTF-8.
    static func standardKey(of secret: Secret) -> [UInt8] {
        let prefix = "whsec_"
        guard secret.exposed.hasPrefix(prefix) else { return Array(secret.exposed.utf8) }
        let text = String(secret.exposed.dropFirst(prefix.count))
        return decodedBase64(text, variant: sodium_base64_VARIANT_ORIGINAL)
            ?? decodedBase64(text, variant: sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
            ?? Array(secret.exposed.utf8)
    }

    private static func hexadecimal(_ code: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: code.count * 2) { text in
            for (index, byte) in code.enumerated() {
                text[index * 2] = digit(byte >> 4)
                text[index * 2 + 1] = digit(byte & 15)
            }
            return code.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        // One more for the zero byte that ends it.
        let count = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
        return String(unsafeUninitializedCapacity: count) { text in
            guard let start = text.baseAddress else { return 0 }
            sodium_bin2base64(start, count, bytes, bytes.count, sodium_base64_VARIANT_ORIGINAL)
            return count - 1
        }
    }

    private static func decodedBase64(_ text: String, variant: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: text.utf8.count)
        var count = 0
        let code = sodium_base642bin(&bytes, bytes.count, text, text.utf8.count, nil, &count, nil, variant)
        return code == 0 && count > 0 ? Array(bytes.prefix(count)) : nil
    }
}
