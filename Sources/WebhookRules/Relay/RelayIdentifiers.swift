import CSodium
import Queue

/// The ids of what is relayed (docs/relay.md).
package enum RelayIdentifiers {
    /// The id of the delivery of a webhook to one target: 32 lower-case hexadecimal digits, the same whenever the same
    /// webhook arrives.
    ///
    /// - Parameter requestID: the `Request-ID` of the webhook.
    package static func delivery(appID: Int64, requestID: String, target: String) -> String {
        hash("relay:\(appID):\(target):\(requestID)")
    }

    /// The `Request-ID` of a webhook without one, the same for the same key.
    package static func requestID(ofKey key: String, slug: String) -> String { hash("relay:\(slug):\(key)") }

    private static func hash(_ text: String) -> String {
        let text = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&digest, text, UInt64(text.count))
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The keys by which a repetition of a webhook is recognized in the queue: that of its `Request-ID`, and of its
    /// `Idempotency-Key` if it has one.
    package static func idempotencyKeys(
        appID: Int64, requestID: String, idempotencyKey: String?, target: String
    ) -> [String] {
        let scope = "relay:\(appID):\(target)"
        return ["\(scope):request:\(requestID)"] + (idempotencyKey.map { ["\(scope):key:\($0)"] } ?? [])
    }
}
