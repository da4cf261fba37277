import CSodium
import Model

/// Checks values that the original's framework has signed together with the time (docs/protocol.md 5.3):
/// `value:time:signature`.
struct ValueSigner: Sendable {
    /// Why a signed value is not accepted.
    enum Problem: Error, Hashable, Sendable {
        /// It does not have the three parts.
        case malformed
        /// It was signed with another secret or for another purpose, or it was changed.
        case wrongSignature
        case expired(ageSeconds: Int64)
    }

    private static let separator = UInt8(ascii: ":")

    /// The accepted hashes, each with its key.
    private let keys: [(hash: SigningHash, key: [UInt8])]

    /// - Parameters:
    ///   - salt: separates the purposes that one secret is used for.
    ///   - hashes: the accepted ones.
    init(salt: String, secret: Secret, hashes: [SigningHash]) {
        let text = Array((salt + "signer" + secret.exposed).utf8)
        keys = hashes.map { ($0, $0.digest(text)) }
    }

    /// A value that was signed, whenever that was.
    struct Signed: Hashable, Sendable {
        /// Without time and signature.
        let value: String
        let time: Timestamp
    }

    /// The value without time and signature, if it was signed at most `maximumAge` seconds ago or in the future: clocks
    /// differ.
    func value(of signed: String, maximumAge: Int64, at now: Timestamp) throws(Problem) -> String {
        let verified = try verified(signed)
        try ValueSigner.checkAge(since: verified.time, at: now, maximum: maximumAge)
        return verified.value
    }

    /// The value and its time, however long ago it was signed.
    func verified(_ signed: String) throws(Problem) -> Signed {
        let bytes = Array(signed.utf8)
        guard let end = bytes.lastIndex(of: ValueSigner.separator) else { throw .malformed }
        guard hasSignature(bytes[(end + 1)...], of: bytes[..<end]) else { throw .wrongSignature }
        guard let middle = bytes[..<end].lastIndex(of: ValueSigner.separator),
            let time = ValueSigner.time(bytes[(middle + 1)..<end])
        else { throw .malformed }
        return Signed(value: String(decoding: bytes[..<middle], as: UTF8.self), time: time)
    }

    /// Fails with `.expired` where `time` is more than `maximum` seconds ago.
    static func checkAge(since time: Timestamp, at now: Timestamp, maximum: Int64) throws(Problem) {
        let age = now.microseconds - time.microseconds
        guard age <= maximum * 1_000_000 else { throw .expired(ageSeconds: age / 1_000_000) }
    }

    private func hasSignature(_ signature: ArraySlice<UInt8>, of message: ArraySlice<UInt8>) -> Bool {
        keys.contains { hash, key in
            ConstantTime.areEqual(signature, Base64URL.encoded(hash.code(message, key: key)).utf8)
        }
    }

    /// Seconds since the epoch in base 62; nil when that is no time before the year 10000.
    private static func time(_ digits: ArraySlice<UInt8>) -> Timestamp? {
        guard !digits.isEmpty else { return nil }
        var seconds: Int64 = 0
        for digit in digits {
            guard let value = value(ofDigit: digit) else { return nil }
            seconds = seconds * 62 + value
            guard seconds <= Timestamp.calendarRange.upperBound.seconds else { return nil }
        }
        return Timestamp(seconds: seconds)
    }

    /// The digits are `0-9A-Za-z`.
    private static func value(ofDigit byte: UInt8) -> Int64? {
        switch byte {
        case 48...57: Int64(byte) - 48
        case 65...90: Int64(byte) - 65 + 10
        case 97...122: Int64(byte) - 97 + 36
        default: nil
        }
    }
}

/// Base64 with the alphabet for URLs, without padding (RFC 4648, 5).
enum Base64URL {
    static func encoded(_ bytes: [UInt8]) -> String {
        let variant = Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING)
        // With its final NUL.
        let length = sodium_base64_encoded_len(bytes.count, variant)
        return String(unsafeUninitializedCapacity: length) { text in
            text.withMemoryRebound(to: CChar.self) { text in
                guard let start = text.baseAddress else { return }
                _ = sodium_bin2base64(start, length, bytes, bytes.count, variant)
            }
            return length - 1
        }
    }

    /// Nil when `text` is anything else.
    static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = text.map { CChar(bitPattern: $0) }
        var bytes = [UInt8](repeating: 0, count: text.count)
        var count = 0
        let status = sodium_base642bin(
            &bytes, bytes.count, text, text.count, nil, &count, nil,
            Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        guard status == 0 else { return nil }
        return Array(bytes.prefix(count))
    }
}
