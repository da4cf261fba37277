package import Model
package import Redis

/// An entry that a consumer has received, until it settles it or loses it to another.
package struct QueueDelivery: Hashable, Sendable {
    package let entry: QueueEntry
    /// How often the entry was received since it was added to the stream: more than 1 when a consumer crashed or was
    /// too slow. Attempts are counted by `entry.attempt`.
    package let deliveryCount: Int
    /// The consumer that received the entry.
    package let consumer: String
    /// Why the entry cannot be read; nil when it can. Fields of `entry` are empty or zero then; the consumer makes it a
    /// dead letter, which keeps what Redis has.
    package let problem: String?
    let shard: Int
    /// The entry's id in the stream. With the consumer and the delivery count it is the lease on the entry: taking it
    /// over changes the count.
    let streamID: String
}

/// How to settle a delivery.
package enum Settlement: Hashable, Sendable {
    /// Removes the entry.
    case acknowledge(QueueDelivery)
    /// Removes the entry without an attempt to deliver it, and notes that for `DeliveryQueue.search`.
    ///
    /// - Parameter reason: a name such as `not-subscribed`; at most 256 bytes of it are noted.
    case drop(QueueDelivery, reason: String)
    /// Schedules the entry for another attempt, not before `at`.
    case retry(QueueDelivery, at: Timestamp, attempt: Int)
    /// Makes the entry a dead letter.
    case deadLetter(QueueDelivery, reason: String, at: Timestamp)

    package var delivery: QueueDelivery {
        switch self {
        case .acknowledge(let delivery), .drop(let delivery, _), .retry(let delivery, _, _),
            .deadLetter(let delivery, _, _):
            delivery
        }
    }

    /// Whether nothing of the entry is kept in the queue.
    var isRemoval: Bool {
        switch self {
        case .acknowledge, .drop: true
        case .retry, .deadLetter: false
        }
    }
}

/// The outcome of a settlement.
package enum SettlementOutcome: Hashable, Sendable {
    case settled
    /// Nothing was changed: another consumer has taken the entry over, or it no longer exists.
    case leaseLost
    /// Nothing was changed: Redis refused the settlement in these words, or could not be reached.
    case notSettled(RedisError)
    /// Redis did not tell whether it was settled; the settlement may be repeated.
    case unknown(RedisError)

    /// Why it is not known to be decided; nil for an entry that was settled or lost.
    package var error: RedisError? {
        switch self {
        case .settled, .leaseLost: nil
        case .notSettled(let error), .unknown(let error): error
        }
    }

    /// - Parameter error: of the call that was to settle the entry.
    init(_ error: RedisError) {
        switch error {
        case .unreachable, .refused: self = .notSettled(error)
        case .timedOut, .connectionLost, .unexpectedReply: self = .unknown(error)
        }
    }

    /// The outcome itself unless it is an error.
    func checked() throws(RedisError) -> SettlementOutcome {
        if let error { throw error }
        return self
    }
}

/// The outcome of promoting scheduled entries.
package struct Promotion: Hashable, Sendable {
    /// The number of entries moved into the stream.
    package var count: Int
    /// How long until the next scheduled entry is due, by Redis' clock; not positive when it is overdue; nil when there
    /// is none.
    package var nextDueIn: Duration?

    package init(count: Int, nextDueIn: Duration? = nil) {
        self.count = count
        self.nextDueIn = nextDueIn
    }
}
