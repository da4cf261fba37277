package import Model

/// One thing to deliver, as it lies in a `DeliveryQueue`: opaque bytes and the few fields that the queue and its
/// operators go by.
package struct QueueEntry: Hashable, Sendable {
    /// 32 lower-case hexadecimal digits, the same for each attempt: the webhook's `Request-ID`. No two entries share one.
    package var id: String
    package var appID: Int64
    package var event: EventType
    /// 1 for the first attempt.
    package var attempt: Int
    package var enqueuedAt: Timestamp
    /// When this attempt may be made.
    package var dueAt: Timestamp
    /// The entry that this one sends again, if it does.
    package var originalID: String?
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
