package import Redis

/// An app that is to be disabled as soon as the directory can be written.
package struct PendingDisabling: Hashable, Sendable {
    package var appID: Int64
    /// Where the app failed.
    package var organizationID: Int64
    /// Shown to users; continues "Its webhook".
    package var reason: String

    package init(appID: Int64, organizationID: Int64, reason: String) {
        self.appID = appID
        self.organizationID = organizationID
        self.reason = reason
    }

    /// The value of the app's field.
    fileprivate var text: String { "\(organizationID):\(reason)" }

    /// Nil for what `text` does not write.
    fileprivate init?(field: String, text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let appID = Int64(field), String(appID) == field,
            let organizationID = Int64(parts[0])
        else { return nil }
        self.init(appID: appID, organizationID: organizationID, reason: String(parts[1]))
    }
}

/// The apps that are to be disabled: a hash in Redis with one field for each app. One object serves one thread.
///
/// A worker that finds that an app has to be disabled writes its field, which takes no longer than any call to Redis;
/// the directory, whose write lock may be taken, is changed later and perhaps by another worker.
package final class PendingDisablings {
    static let key = "hookline:apps-to-disable"

    private let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    /// Adds apps; of one that is there already, the reason is replaced.
    ///
    /// May be repeated after an error.
    package func add(_ appsToDisable: [PendingDisabling]) throws(RedisError) {
        guard !appsToDisable.isEmpty else { return }
        var request = RedisRequest()
        request.begin(argumentCount: 2 + 2 * appsToDisable.count)
        for argument in ["HSET", Self.key] + appsToDisable.flatMap({ [String($0.appID), $0.text] }) {
            request.appendArgument(argument)
        }
        _ = try count(request)
    }

    /// All of them. Fields that cannot be decoded are deleted.
    package func all() throws(RedisError) -> [PendingDisabling] {
        var request = RedisRequest()
        request.append("HGETALL", Self.key)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        let values = try reply.list(key: Self.key).map { $0.string ?? "" }
        var appsToDisable: [PendingDisabling] = []
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            if let disabling = PendingDisabling(field: values[index], text: values[index + 1]) {
                appsToDisable.append(disabling)
            } else {
                try remove(field: values[index])
            }
        }
        return appsToDisable
    }

    /// That of an app; nil when it is not to be disabled, or its field cannot be decoded.
    package func disabling(appID: Int64) throws(RedisError) -> PendingDisabling? {
        var request = RedisRequest()
        request.append("HGET", Self.key, String(appID))
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        guard let text = try reply.checked(key: Self.key).string else { return nil }
        return PendingDisabling(field: String(appID), text: text)
    }

    /// Removes an app: it is disabled, cannot be, or is not to be any more.
    ///
    /// - Returns: whether it was there.
    @discardableResult
    package func remove(appID: Int64) throws(RedisError) -> Bool {
        try remove(field: String(appID))
    }

    @discardableResult
    private func remove(field: String) throws(RedisError) -> Bool {
        var request = RedisRequest()
        request.append("HDEL", Self.key, field)
        return try count(request) > 0
    }

    private func count(_ request: RedisRequest) throws(RedisError) -> Int {
        try (try connection.values(of: request, isRepeatable: true).first ?? .null).count(key: Self.key)
    }
}

/// Says which apps are to be disabled, and takes it back. One object serves one thread.
package protocol PendingDisablingKeeping: AnyObject {
    /// That of an app; nil when it is not to be disabled.
    func disabling(appID: Int64) throws(RedisError) -> PendingDisabling?

    /// Takes it back; whether the app was to be disabled.
    func remove(appID: Int64) throws(RedisError) -> Bool
}

extension PendingDisablings: PendingDisablingKeeping {}
