import Glibc
import Model

/// Everything that an answer's bytes depend on beside the log and the directory, in one piece of memory.
///
/// Bytes and not texts: Swift takes different spellings of one character for the same text.
struct ResponseCacheKey: Hashable, Sendable {
    /// The place of the API.
    enum Place: UInt8 {
        case requests, webhookRequests, health
    }

    let appID: Int64
    private(set) var bytes: [UInt8]

    /// The app is borrowed: an initializer would else take a copy of its thirty fields.
    init(_ place: Place, of app: borrowing SentryApp) {
        appID = app.id
        bytes = []
        bytes.reserveCapacity(96)
        bytes.append(place.rawValue)
        add(app.id)
        add(app.ownerID)
        // The owner of an internal app stands for a missing organization.
        add(app.status == .internal)
        add(app.slug)
    }

    mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ flag: Bool) {
        bytes.append(flag ? 1 : 0)
    }

    /// The length goes first, so that no two lists of parts look the same.
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

    /// All bytes at once: an array's own way is one by one.
    func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    mutating func add(_ time: Timestamp?) {
        add(time?.microseconds)
    }
}
