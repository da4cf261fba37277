package import Model
package import Redis

/// The names of events that an app's relay has received and that the deployment's catalogue does not have, so that
/// their rows can be read. One object serves one thread.
package protocol SeenEventKeeping: AnyObject {
    /// Notes that an app has got an event; without effect once it has `SeenEvents.limit` of them.
    func note(_ event: EventType, appID: Int64) throws(RedisError)

    /// Those of an app, sorted by name.
    func events(appID: Int64) throws(RedisError) -> [EventType]
}

/// See `SeenEventKeeping`: a set in Redis, `hookline:{app:ID}:events-seen`.
package final class SeenEvents: SeenEventKeeping {
    /// The most names of one app: its log has two lists for each.
    package static let limit = 100
    /// The longest name, in bytes.
    package static let maximumNameBytes = 100

    private struct Known: Hashable {
        var appID: Int64
        var event: EventType
    }

    private let connection: RedisConnection
    /// What this object has noted; forgotten when it grows.
    private var known: Set<Known> = []

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    static func key(appID: Int64) -> String { "hookline:{app:\(appID)}:events-seen" }

    /// Whether a name has the form of an event's: a resource and an action of lower-case letters, digits, `_` and `-`
    /// with a dot between them.
    package static func isName(_ name: String) -> Bool {
        guard (3...maximumNameBytes).contains(name.utf8.count) else { return false }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isNameByte) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }

    package func note(_ event: EventType, appID: Int64) throws(RedisError) {
        let known = Known(appID: appID, event: event)
        guard !self.known.contains(known) else { return }
        let key = Self.key(appID: appID)
        let call = ScriptCall(Self.script, keys: [key], String(Self.limit), event.rawValue)
        _ = try connection.run(call).count(key: key)
        if self.known.count >= 10_000 { self.known = [] }
        self.known.insert(known)
    }

    package func events(appID: Int64) throws(RedisError) -> [EventType] {
        let key = Self.key(appID: appID)
        var request = RedisRequest()
        request.append("SMEMBERS", key)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        return try reply.list(key: key).compactMap(\.string).filter(Self.isName).sorted().prefix(Self.limit)
            .map { EventType(rawValue: $0) }
    }

    /// KEYS: the set. ARGV: limit, name.
    private static let script = RedisScript(
        """
        if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
        return redis.call('SADD', KEYS[1], ARGV[2])
        """)
}
