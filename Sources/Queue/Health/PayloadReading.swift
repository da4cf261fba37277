package import Redis

/// Finds payloads that were kept. One object serves one thread.
package protocol PayloadReading: AnyObject {
    /// The event with this id; nil when it is not kept (any more).
    func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent?
}

extension PayloadArchive: PayloadReading {}
