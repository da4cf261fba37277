import Buffer
import CSodium
package import Model
package import Queue
package import Redis

/// The states of targets in memory.
package final class MemoryRelayTargets: RelayTargetKeeping {
    package var disabled: [WebhookDestination: TargetDisabling] = [:]
    package private(set) var received: [Int64: Timestamp] = [:]
    /// When set, every call fails with it.
    package var failure: RedisError?

    package init() {}

    package func disabled(appID: Int64) throws(RedisError) -> [String: TargetDisabling] {
        if let failure { throw failure }
        return Dictionary(
            uniqueKeysWithValues: disabled.compactMap { destination, disabling in
                destination.appID == appID ? destination.target.map { ($0, disabling) } : nil
            })
    }

    package func recentlyDisabled(appID: Int64) throws(RedisError) -> Set<String> {
        Set(try disabled(appID: appID).keys)
    }

    package func disable(
        _ destination: WebhookDestination, _ disabling: TargetDisabling
    ) throws(RedisError) -> Bool {
        if let failure { throw failure }
        guard disabled[destination] == nil else { return false }
        disabled[destination] = disabling
        return true
    }

    package func enable(_ destination: WebhookDestination) throws(RedisError) -> Bool {
        if let failure { throw failure }
        return disabled.removeValue(forKey: destination) != nil
    }

    package func noteReceived(appID: Int64, at date: Timestamp) throws(RedisError) {
        if let failure { throw failure }
        received[appID] = date
    }

    package func lastReceived(appID: Int64) throws(RedisError) -> Timestamp? {
        if let failure { throw failure }
        return received[appID]
    }
}

/// The events that relays have received, in memory.
package final class MemorySeenEvents: SeenEventKeeping {
    package private(set) var seen: [Int64: Set<String>] = [:]
    package var failure: RedisError?

    package init() {}

    package func note(_ event: EventType, appID: Int64) throws(RedisError) {
        if let failure { throw failure }
        seen[appID, default: []].insert(event.rawValue)
    }

    package func events(appID: Int64) throws(RedisError) -> [EventType] {
        if let failure { throw failure }
        return (seen[appID] ?? []).sorted().map { EventType(rawValue: $0) }
    }
}

/// Signs webhooks as the original does.
package enum OriginalSignature {
    /// `Sentry-Hook-Signature`: lower-case hexadecimal HMAC-SHA256 of the body.
    package static func of(_ body: [UInt8], secret: String) -> String {
        let key = Array(secret.utf8)
        var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        var state = crypto_auth_hmacsha256_state()
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, body, UInt64(body.count))
        crypto_auth_hmacsha256_final(&state, &code)
        return code.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
