package import Model
package import Redis

/// Accepts events for delivery. One object serves one thread.
package protocol EventEnqueuing: AnyObject {
    /// The queue's name, for messages.
    var name: String { get }

    /// Adds an entry; see `DeliveryQueue.enqueue`.
    func enqueue(_ entry: QueueEntry, idempotencyKey: IdempotencyKey?) throws(RedisError) -> EnqueueResult

    /// Adds entries, each with the keys by which a repetition is recognized; see `DeliveryQueue.enqueue`.
    func enqueue(_ entries: [(entry: QueueEntry, idempotencyKeys: [String])]) throws(RedisError) -> [EnqueueResult]

    /// Moves the oldest dead letters of an app back into the queue; see `DeliveryQueue.redrive`.
    ///
    /// - Parameter limit: at most this many.
    /// - Returns: how many were moved, whether the queue was full before all were, and whether there are more.
    func redrive(appID: Int64, limit: Int, now: Timestamp) throws(RedisError) -> (redrive: Redrive, hasMore: Bool)
}

extension DeliveryQueue: EventEnqueuing {
    package var name: String { settings.name }

    package func enqueue(
        _ entry: QueueEntry, idempotencyKey: IdempotencyKey?
    ) throws(RedisError) -> EnqueueResult {
        try enqueue(entry, idempotencyKey: idempotencyKey?.text, partition: nil)
    }
}

/// The outcome of an enqueue.
package enum EnqueueResult: Hashable, Sendable {
    /// The entry with this id is in Redis.
    case accepted(String)
    /// An entry with this id was enqueued with the same idempotency key before; nothing was added.
    case duplicate(of: String)
    /// The queue, or the app's share of it, has reached this limit.
    case full(QueueLimit)
    /// The payload or the idempotency key (`what`) is too long.
    case tooLarge(what: String, bytes: Int, limit: Int)

    /// The queue holds the maximum number of entries.
    package static func full(depth: Int, bound: Int) -> EnqueueResult {
        .full(QueueLimit(used: depth, bound: bound))
    }
}

/// A caller's key for what it enqueues, by which a repeated call is recognized.
///
/// All programs that enqueue for callers build the stored key here, so that a call repeated through another program is
/// recognized, too.
package struct IdempotencyKey: Hashable, Sendable {
    /// The longest key a caller may give.
    package static let maximumBytes = 255

    /// Unrelated callers may use the same key in different scopes.
    package enum Scope: Hashable, Sendable {
        /// Events of an installation.
        case installation(id: Int64)
        /// Redelivery of the event with this id.
        case redelivery(of: String)
        /// Test events of one type of an installation.
        case testEvent(installationID: Int64, EventType)
        /// Redelivery jobs. The key has no prefix, because each app has keys of its own for them (`RedeliveryJobs`).
        case redeliveryJob
    }

    /// The caller's key with a prefix for its scope; at most `DeliveryQueue.maximumIdempotencyKeyBytes`.
    package let text: String

    /// - Parameter key: 1 to 255 printable ASCII characters; otherwise the result is nil.
    package init?(_ key: String, scope: Scope) {
        guard (1...Self.maximumBytes).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        text =
            switch scope {
            case .installation(let id): "\(id):\(key)"
            case .redelivery(let id): "\(id):\(key)"
            case .testEvent(let id, let event): "test-\(id)-\(event.rawValue):\(key)"
            case .redeliveryJob: key
            }
    }
}

/// The source of the ids of new events, which tests replace.
package struct EventIDSource: Sendable {
    /// A new id at each call: 32 lower-case hexadecimal digits.
    package var next: @Sendable () -> String

    package init(next: @escaping @Sendable () -> String) {
        self.next = next
    }

    /// 128 random bits from the system.
    package static let random = EventIDSource {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}
