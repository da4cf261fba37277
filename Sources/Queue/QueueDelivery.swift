package import Model

/// An entry that a consumer was given to deliver, until it settles it or loses it to another.
package struct QueueDelivery: Hashable, Sendable {
    package let entry: QueueEntry
    /// How often the entry was handed out since it was put into the stream: more than 1 when a consumer that had it
    /// crashed or was too slow. Attempts are counted by `entry.attempt`.
    package let deliveryCount: Int
    /// Who was given the entry.
    package let consumer: String
    let shard: Int
    /// The entry's id in the stream. Together with the consumer and the delivery count it is the right to settle the
    /// entry: taking it over changes the count.
    let streamID: String
}

/// What is to become of a delivery.
package enum Settlement: Hashable, Sendable {
    /// It is done: the entry is removed.
    case acknowledge(QueueDelivery)
    /// The entry is to be delivered again, not before `at`, as attempt number `attempt`.
    case retry(QueueDelivery, at: Timestamp, attempt: Int)
    /// The entry is to be kept among the dead letters.
    case bury(QueueDelivery, reason: String, at: Timestamp)

    package var delivery: QueueDelivery {
        switch self {
        case .acknowledge(let delivery), .retry(let delivery, _, _), .bury(let delivery, _, _): delivery
        }
    }
}

/// What became of a settlement.
package enum SettlementOutcome: Hashable, Sendable {
    case settled
    /// Nothing was changed: the entry was taken over by another consumer, or is no longer there.
    case leaseLost
}
