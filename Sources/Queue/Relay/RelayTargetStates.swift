package import Model
package import Redis
import System

/// Since when a target of a relay is disabled, and why.
package struct TargetDisabling: Hashable, Sendable {
    package var date: Timestamp
    /// Shown to users; continues "Its webhook".
    package var reason: String

    package init(date: Timestamp, reason: String) {
        self.date = date
        self.reason = reason
    }

    /// The value of the target's field.
    fileprivate var text: String { "\(date.microseconds):\(reason)" }

    /// Nil for what `text` does not write.
    fileprivate init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let microseconds = Int64(parts[0]) else { return nil }
        self.init(date: Timestamp(clamping: microseconds), reason: String(parts[1]))
    }
}

/// A target that was disabled, and whose owners have to be told.
package struct TargetNotice: Hashable, Sendable {
    package var destination: WebhookDestination
    package var disabling: TargetDisabling

    package init(destination: WebhookDestination, disabling: TargetDisabling) {
        self.destination = destination
        self.disabling = disabling
    }
}

/// The state of the targets of relays, in Redis. One object serves one thread.
///
/// `hookline:{app:ID}:targets` is a hash of the targets that are disabled; `hookline:targets-disabled` one of those
/// whose owners have to be told, by `ID:NAME`.
package final class RelayTargetStates: RelayTargetKeeping {
    static let noticesKey = "hookline:targets-disabled"

    /// The time of a webhook is noted once a second: reading it needs no more.
    private static let noteMicroseconds: Int64 = 1_000_000

    private let connection: RedisConnection
    /// For how long `recentlyDisabled` does not ask Redis again.
    private static let recentTime = Duration.seconds(1)
    /// Limit of apps that something is remembered of; beyond it all of it is forgotten.
    private static let memoryLimit = 10_000
    /// When the last webhook of an app was noted by this object, in microseconds.
    private var noted: [Int64: Int64] = [:]
    private var recent: [Int64: (names: Set<String>, end: MonotonicTime)] = [:]

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    static func key(appID: Int64) -> String { "hookline:{app:\(appID)}:targets" }

    package func disabled(appID: Int64) throws(RedisError) -> [String: TargetDisabling] {
        let key = Self.key(appID: appID)
        let values = try reply("HGETALL", key).list(key: key).map { $0.string ?? "" }
        var disabled: [String: TargetDisabling] = [:]
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            // One that cannot be read is disabled nevertheless: somebody wanted that.
            disabled[values[index]] =
                TargetDisabling(values[index + 1])
                ?? TargetDisabling(date: Timestamp(seconds: 0), reason: "is disabled")
        }
        return disabled
    }

    package func recentlyDisabled(appID: Int64) throws(RedisError) -> Set<String> {
        let now = MonotonicTime.now()
        if let found = recent[appID], found.end > now { return found.names }
        if recent.count >= Self.memoryLimit { recent = [:] }
        let names = Set(try disabled(appID: appID).keys)
        recent[appID] = (names, now.adding(Self.recentTime))
        return names
    }

    package func disable(_ destination: WebhookDestination, _ disabling: TargetDisabling) throws(RedisError) -> Bool {
        guard let target = destination.target else { return false }
        let key = Self.key(appID: destination.appID)
        return try reply("HSETNX", key, target, disabling.text).count(key: key) == 1
    }

    package func enable(_ destination: WebhookDestination) throws(RedisError) -> Bool {
        guard let target = destination.target else { return false }
        let key = Self.key(appID: destination.appID)
        // First what would disable it again at once.
        try FailureWindows(connection: connection).clear(destination)
        _ = try reply("HDEL", Self.noticesKey, Self.field(destination)).count(key: Self.noticesKey)
        return try reply("HDEL", key, target).count(key: key) == 1
    }

    /// Notes that the owners of a target have to be told that it is disabled. Written before it is disabled, so that
    /// nobody is forgotten.
    package func add(_ notice: TargetNotice) throws(RedisError) {
        _ = try reply("HSET", Self.noticesKey, Self.field(notice.destination), notice.disabling.text)
            .count(key: Self.noticesKey)
    }

    /// The targets whose owners have to be told. Fields that cannot be decoded are deleted.
    package func notices() throws(RedisError) -> [TargetNotice] {
        let values = try reply("HGETALL", Self.noticesKey).list(key: Self.noticesKey).map { $0.string ?? "" }
        var notices: [TargetNotice] = []
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            if let destination = Self.destination(values[index]), let disabling = TargetDisabling(values[index + 1]) {
                notices.append(TargetNotice(destination: destination, disabling: disabling))
            } else {
                _ = try reply("HDEL", Self.noticesKey, values[index]).count(key: Self.noticesKey)
            }
        }
        return notices
    }

    /// Removes the notice of a target, once its owners were told.
    package func removeNotice(_ destination: WebhookDestination) throws(RedisError) {
        _ = try reply("HDEL", Self.noticesKey, Self.field(destination)).count(key: Self.noticesKey)
    }

    package func noteReceived(appID: Int64, at date: Timestamp) throws(RedisError) {
        guard date.microseconds - (noted[appID] ?? 0) >= Self.noteMicroseconds else { return }
        let key = Self.receivedKey(appID: appID)
        _ = try reply("SET", key, String(date.microseconds), "EX", String(FailureWindows.lifetimeSeconds))
            .checked(key: key)
        if noted.count >= Self.memoryLimit { noted = [:] }
        noted[appID] = date.microseconds
    }

    package func lastReceived(appID: Int64) throws(RedisError) -> Timestamp? {
        let key = Self.receivedKey(appID: appID)
        return try reply("GET", key).checked(key: key).number.map(Timestamp.init(clamping:))
    }

    private static func receivedKey(appID: Int64) -> String { "hookline:{app:\(appID)}:relay-received" }

    private static func field(_ destination: WebhookDestination) -> String {
        "\(destination.appID):\(destination.target ?? "")"
    }

    private static func destination(_ field: String) -> WebhookDestination? {
        let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let appID = Int64(parts[0]), !parts[1].isEmpty else { return nil }
        return WebhookDestination(appID: appID, target: String(parts[1]))
    }

    /// All of them may be repeated.
    private func reply(_ arguments: String...) throws(RedisError) -> ReplyValue {
        var request = RedisRequest()
        request.begin(argumentCount: arguments.count)
        for argument in arguments { request.appendArgument(argument) }
        return try connection.values(of: request, isRepeatable: true).first ?? .null
    }
}

/// Reads and changes which targets of relays are disabled. One object serves one thread.
package protocol RelayTargetKeeping: AnyObject {
    /// The targets of an app that are disabled, by name.
    func disabled(appID: Int64) throws(RedisError) -> [String: TargetDisabling]

    /// The names of those that were disabled a second ago, or later: for each webhook, without a call for each.
    func recentlyDisabled(appID: Int64) throws(RedisError) -> Set<String>

    /// Disables a target; false when it is disabled already, which stays as it was.
    func disable(_ destination: WebhookDestination, _ disabling: TargetDisabling) throws(RedisError) -> Bool

    /// Enables a target and forgets its failures; false when it was not disabled.
    func enable(_ destination: WebhookDestination) throws(RedisError) -> Bool

    /// Notes that the relay of an app has received a webhook; at most once a second.
    func noteReceived(appID: Int64, at date: Timestamp) throws(RedisError)

    /// When the relay of an app has last received a webhook; nil when it never did, or long ago.
    func lastReceived(appID: Int64) throws(RedisError) -> Timestamp?
}
