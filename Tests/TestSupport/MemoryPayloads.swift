import Buffer
package import Queue
package import Redis

/// Kept payloads in an array.
package final class MemoryPayloads: PayloadReading {
    package var events: [ArchivedEvent] = []
    /// When set, every call fails with it.
    package var failure: RedisError?

    package init() {}

    package func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent? {
        if let failure { throw failure }
        return events.first { $0.id == id && $0.appID == appID }
    }
}
