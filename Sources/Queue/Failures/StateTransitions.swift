package import Redis

/// A change of an app's state on which one worker acts, once.
package struct StateTransition: Hashable, Sendable {
    package var appID: Int64
    /// The kind of change: `disabled`, `warned-50`, …
    package var kind: String
    /// Distinguishes changes of one kind: an organization's id, a day, …
    package var id: String

    package init(appID: Int64, kind: String, id: String) {
        self.appID = appID
        self.kind = kind
        self.id = id
    }

    var key: String { "hookline:{app:\(appID)}:transition:\(kind):\(id)" }
}

/// Claims, by which exactly one of several workers acts on a change of state. One object serves one thread.
package final class StateTransitions {
    /// A day: the original sends a mail at most once a day (docs/protocol.md 7.7).
    package static let defaultLifetimeSeconds = 86400

    /// KEYS: the claim. ARGV: owner.
    private static let releaseScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """)

    /// KEYS: the claim. ARGV: owner, lifetime in seconds.
    private static let extendScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('EXPIRE', KEYS[1], ARGV[2])
        """)

    private let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    /// Claims a change; true for one caller only within the claim's lifetime.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown who has the claim; `release` affects only the owner's.
    ///
    /// - Parameters:
    ///   - owner: unique; needed to release the claim.
    ///   - lifetimeSeconds: the claim expires after this time.
    package func claim(
        _ transition: StateTransition, owner: String,
        lifetimeSeconds: Int = StateTransitions.defaultLifetimeSeconds
    ) throws(RedisError) -> Bool {
        var request = RedisRequest()
        request.append("SET", transition.key, owner, "NX", "EX", String(lifetimeSeconds))
        let reply = try connection.values(of: request, isRepeatable: false).first ?? .null
        return try reply.checked(key: transition.key) != .null
    }

    /// Extends a claim to a lifetime from now; false when the owner has none.
    package func prolong(
        _ transition: StateTransition, owner: String, lifetimeSeconds: Int
    ) throws(RedisError) -> Bool {
        let call = ScriptCall(
            StateTransitions.extendScript, keys: [transition.key], owner, String(lifetimeSeconds))
        return try connection.run(call).count(key: transition.key) == 1
    }

    /// Releases a claim, because the change was not acted on or has been undone; false when the owner has none.
    package func release(_ transition: StateTransition, owner: String) throws(RedisError) -> Bool {
        let call = ScriptCall(StateTransitions.releaseScript, keys: [transition.key], owner)
        return try connection.run(call).count(key: transition.key) == 1
    }
}
