package import Model

/// One thing to deliver, as it lies in a `DeliveryQueue`: opaque bytes and the few fields that the queue and its
/// operators go by.
package struct QueueEntry: Hashable, Sendable {
    /// 32 lower-case hexadecimal digits, the same for each attempt: the webhook's `Request-ID`. No two entries share one.
    package var id: String
    /// What the shard and the lists of dead letters go by.
    package var appID: Int64
    /// What happened, for operators and metrics.
    package var event: EventType
    /// 1 for the first attempt.
    package var attempt: Int
    /// When it was put into the queue first; retries leave it as it is.
    package var enqueuedAt: Timestamp
    /// When this attempt may be made.
    package var dueAt: Timestamp
    /// The entry that this one sends again, if it does.
    package var originalID: String?
    /// What to deliver: opaque to the queue, bounded by its settings.
    package var payload: [UInt8]

    /// - Parameter dueAt: nil = at once.
    package init(
        id: String, appID: Int64, event: EventType, enqueuedAt: Timestamp, payload: [UInt8], attempt: Int = 1,
        dueAt: Timestamp? = nil, originalID: String? = nil
    ) {
        self.id = id
        self.appID = appID
        self.event = event
        self.attempt = attempt
        self.enqueuedAt = enqueuedAt
        self.dueAt = dueAt ?? enqueuedAt
        self.originalID = originalID
        self.payload = payload
    }
}
