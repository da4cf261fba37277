import Glibc
import Model

/// Everything that a response depends on beside the log and the directory, in one buffer.
///
/// Bytes and not strings: Swift treats different spellings of one character as equal.
struct ResponseCacheKey: Hashable, Sendable {
    enum Kind: UInt8 {
        case requests, webhookRequests, health
    }

    let appID: Int64
    private(set) var bytes: [UInt8]

    /// - Parameter app: borrowed, because an initializer would otherwise take a copy of its thirty fields.
    init(_ kind: Kind, of app: borrowing SentryApp) {
        appID = app.id
        bytes = []
        bytes.reserveCapacity(96)
        bytes.append(kind.rawValue)
        add(app.id)
        add(app.ownerID)
        // The owner of an internal app is used where a row has no organization.
        add(app.status == .internal)
        add(app.slug)
    }

    mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ flag: Bool) {
        bytes.append(flag ? 1 : 0)
    }

    mutating func add(_ rules: ProtocolRules) {
        for release in [rules.releases.lowerBound, rules.releases.upperBound] {
            bytes.append(UInt8(truncatingIfNeeded: release.year))
            bytes.append(UInt8(truncatingIfNeeded: release.month))
        }
    }

    /// The length goes first, so that different parts never make equal keys.
    mutating func add(_ text: String) {
        add(Int64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add(_ number: Int64?) {
        add(number != nil)
        if let number { add(number) }
    }

    mutating func add(_ text: String?) {
        add(text != nil)
        if let text { add(text) }
    }

    static func == (left: ResponseCacheKey, right: ResponseCacheKey) -> Bool {
        guard left.bytes.count == right.bytes.count else { return false }
        return left.bytes.withUnsafeBytes { bytes in
            right.bytes.withUnsafeBytes { otherBytes in
                guard let start = bytes.baseAddress, let otherStart = otherBytes.baseAddress else { return true }
                return memcmp(start, otherStart, bytes.count) == 0
            }
        }
    }

    /// All bytes at once: an array hashes them one by one.
    func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    mutating func add(_ time: Timestamp?) {
        add(time?.microseconds)
    }
}
