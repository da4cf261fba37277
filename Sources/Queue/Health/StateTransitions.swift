package import Redis

/// A change of an app's state that is to be acted on once, by whoever notices it first.
package struct StateTransition: Hashable, Sendable {
    package var appID: Int64
    /// What changes: `disabled`, `warned-50`, …
    package var kind: String
    /// Which change of this kind: an organization's id, a day, …
    package var id: String

    package init(appID: Int64, kind: String, id: String) {
        self.appID = appID
        self.kind = kind
        self.id = id
    }

    var key: String { "hookline:{app:\(appID)}:transition:\(kind):\(id)" }
}

/// Lets exactly one of several workers act on a change of state. One object serves one thread.
package final class StateTransitions {
    /// A day: the original mails no oftener (contract 7.9).
    package static let defaultLifetimeSeconds = 86400

    /// KEYS: the claim. ARGV: owner.
    private static let releaseScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """)

    /// KEYS: the claim. ARGV: owner, lifetime in seconds.
    private static let prolongScript = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('EXPIRE', KEYS[1], ARGV[2])
        """)

    private let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    /// Whether this caller, and nobody else within the claim's lifetime, is to act on the change.
    ///
    /// After `.connectionLost` and `.timedOut` it is not known who has the claim; `release` gives back one's own.
    ///
    /// - Parameters:
    ///   - owner: what nobody else says: it is needed to release the claim.
    ///   - lifetimeSeconds: after this time the change may be claimed again, if it was not released before.
    package func claim(
        _ transition: StateTransition, owner: String,
        lifetimeSeconds: Int = StateTransitions.defaultLifetimeSeconds
    ) throws(RedisError) -> Bool {
        var request = RedisRequest()
        request.append("SET", transition.key, owner, "NX", "EX", String(lifetimeSeconds))
        let answer = try connection.values(of: request, isRepeatable: false).first ?? .null
        return try answer.checked(key: transition.key) != .null
    }

    /// Makes a claim live for another time, counted from now; false when the owner has none.
    package func prolong(
        _ transition: StateTransition, owner: String, lifetimeSeconds: Int
    ) throws(RedisError) -> Bool {
        let call = ScriptCall(
            StateTransitions.prolongScript, keys: [transition.key], owner, String(lifetimeSeconds))
        return try connection.run(call).count(key: transition.key) == 1
    }

    /// Gives back a claim, because the change could not be acted on or has been undone; false when the owner has none.
    package func release(_ transition: StateTransition, owner: String) throws(RedisError) -> Bool {
        let call = ScriptCall(StateTransitions.releaseScript, keys: [transition.key], owner)
        return try connection.run(call).count(key: transition.key) == 1
    }
}
