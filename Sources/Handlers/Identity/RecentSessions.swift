import CSodium
import Model

/// Sessions whose cookies had a good signature, so that the next request with the same cookie needs no second one: to
/// verify it takes longer than the rest of the identification. Used by one thread.
///
/// Holds no cookie. A session is found by a digest of its cookie with a key that is random in each object: the time of
/// a search says nothing about the cookies that are remembered, and no two cookies with the same digest can be made.
///
/// Two generations, as in the directory's cache: new and requested sessions live in the young one; when it is full it
/// becomes the old one, and the old one's sessions that were not requested since are dropped.
final class RecentSessions {
    /// A session, without what depends on the time or the directory: that is checked again in each request.
    final class Entry {
        let userID: Int64
        let payload: SessionPayload
        let signedAt: Timestamp
        /// The user's password hash that the session's code was last verified with; nil before the first time.
        var verifiedPasswordHash: Secret?

        init(userID: Int64, payload: SessionPayload, signedAt: Timestamp) {
            self.userID = userID
            self.payload = payload
            self.signedAt = signedAt
        }
    }

    /// The digest of a cookie, 256 bits.
    struct Key: Hashable {
        fileprivate var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

        static func == (left: Key, right: Key) -> Bool { left.words == right.words }

        func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }

    /// How many sessions are remembered at most.
    static let entryLimit = 256
    /// The most text of a remembered session, in bytes; those of the original have a fifth of it.
    static let entryByteLimit = 1024

    private let digestKey: [UInt8]
    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]

    init() {
        var key = [UInt8](repeating: 0, count: Int(crypto_generichash_KEYBYTES))
        randombytes_buf(&key, key.count)
        digestKey = key
    }

    /// The number of remembered sessions.
    var count: Int { young.count + old.count }

    func key(of cookie: String) -> Key {
        var key = Key()
        cookie.withBytes { bytes in
            withUnsafeMutableBytes(of: &key.words) { digest in
                guard let start = digest.baseAddress else { return }
                crypto_generichash(
                    start, digest.count, bytes.baseAddress, UInt64(bytes.count), digestKey, digestKey.count)
            }
        }
        return key
    }

    func entry(for key: Key) -> Entry? {
        if let entry = young[key] { return entry }
        guard let entry = old.removeValue(forKey: key) else { return nil }
        insert(entry, for: key)
        return entry
    }

    /// Remembers a session, unless it is longer than any that the original makes.
    func insert(_ entry: Entry, for key: Key) {
        guard entry.payload.byteCount <= RecentSessions.entryByteLimit else { return }
        young[key] = entry
        guard young.count >= RecentSessions.entryLimit / 2 else { return }
        old = young
        young = [:]
    }
}
