package import Redis

/// Takes in events that are to be delivered. One object serves one thread.
package protocol EventEnqueuing: AnyObject {
    /// What the queue is called, for messages.
    var name: String { get }

    /// Adds an entry; see `DeliveryQueue.enqueue`.
    func enqueue(_ entry: QueueEntry, idempotencyKey: IdempotencyKey?) throws(RedisError) -> EnqueueResult
}

extension DeliveryQueue: EventEnqueuing {
    package var name: String { settings.name }

    package func enqueue(
        _ entry: QueueEntry, idempotencyKey: IdempotencyKey?
    ) throws(RedisError) -> EnqueueResult {
        try enqueue(entry, idempotencyKey: idempotencyKey?.text, partition: nil)
    }
}
