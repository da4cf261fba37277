import CSodium

/// The value of `Idempotency-Key`, by which a receiver recognizes a webhook that it has had already (docs/protocol.md
/// 7.3).
package enum WebhookIdempotency {
    /// Hexadecimal digits of the key.
    private static let digitCount = 32

    /// The key of an event: the same for each attempt and after a redrive, another one for a redelivery, which has an
    /// id of its own.
    ///
    /// - Parameter eventID: takes the place of the original's seed, which is as random.
    package static func key(ofEvent eventID: String, installationID: Int64) -> String {
        let text = Array("\(eventID):installation:\(installationID)".utf8)
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&digest, text, UInt64(text.count))
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.prefix(digitCount / 2).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}
