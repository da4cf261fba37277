import Buffer
import Queue
package import Redis

extension StoreSettings {
    /// Tries what the programs write to Redis: a Redis that can be read may refuse writes, because it is a replica, out
    /// of memory or disk, or because the user has too few permissions.
    ///
    /// - Throws: the first failure; a refusal has Redis' words.
    package static func checkWrites(on connection: RedisConnection) throws(RedisError) {
        try DeliveryQueue.checkWrites(on: connection)
        try WebhookRequestBuffer(connection: connection).checkWrites()
    }
}
