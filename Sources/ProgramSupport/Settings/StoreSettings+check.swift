import Buffer
package import Directory
import Model
import Queue
package import Redis
package import WebhookRules

extension StoreSettings {
    /// Tries what the programs write to Redis: a Redis that can be read may refuse writes, because it is a replica, out
    /// of memory or disk, or because the user has too few permissions.
    ///
    /// - Throws: the first failure; a refusal has Redis' words.
    package static func checkWrites(on connection: RedisConnection) throws(RedisError) {
        try DeliveryQueue.checkWrites(on: connection)
        try WebhookRequestBuffer(connection: connection).checkWrites()
    }

    /// Throws when the directory cannot be read.
    ///
    /// - Returns: what is missing in it and does not keep the program from starting.
    package func checkDirectory() throws(DirectoryError) -> [String] {
        let directory = try openDirectory(limits: DirectoryLimits(connectionCount: 1))
        try directory.check()
        return try directory.findings()
    }

    /// Why circuit breakers have no effect: their own Redis does not respond, or refuses what they do. Nil where they
    /// have none.
    ///
    /// - Parameter policies: say whether there are circuit breakers.
    package func breakerWarning(_ policies: DeliveryPolicies) -> String? {
        guard let breaker = policies.breaker, breakerRedis != nil else { return nil }
        do throws(RedisError) {
            let connection = makeBreakerConnection(sharing: makeConnection())
            try CircuitBreakers(connection: connection, settings: breaker).checkWrites(at: .now())
            return nil
        } catch {
            return "\(Setting.breakerRedis.variable): \(error); every circuit breaker counts as closed"
        }
    }
}
