package import Model
package import Redis

/// Where a queue has an event. Entries are without their payloads.
package enum QueuePlace: Hashable, Sendable {
    /// In the stream: the next worker with capacity takes it.
    ///
    /// - Parameter since: when it came there, by Redis' clock.
    case waiting(QueueEntry, since: Timestamp?)
    /// A worker has it.
    case inProgress(QueueEntry)
    /// Its `dueAt` is the time of the next attempt.
    case scheduled(QueueEntry)
    case deadLetter(DeadLetter)
    /// No longer there: it was removed without an attempt to deliver it.
    case dropped(DropNote)

    /// Nil for a reply that names no place.
    init?(_ values: [ReplyValue]) {
        guard values.count > 1 else { return nil }
        let fields = values[1].elements
        let entry = { QueueEntry(FieldReader(fields)) }
        switch values[0].string {
        case "waiting": self = .waiting(entry(), since: values.last?.string.flatMap(Self.time(ofStreamID:)))
        case "pending": self = .inProgress(entry())
        case "scheduled": self = .scheduled(entry())
        case "dead":
            guard let letter = DeadLetter(fields) else { return nil }
            self = .deadLetter(letter)
        case "dropped":
            guard let note = values[1].string.flatMap(DropNote.init(parsing:)) else { return nil }
            self = .dropped(note)
        default: return nil
        }
    }

    /// An id in a stream begins with milliseconds since the epoch.
    private static func time(ofStreamID id: String) -> Timestamp? {
        id.split(separator: "-").first.flatMap { Int64($0) }
            .map { Timestamp(clamping: Int64(clampingProduct: $0, 1000)) }
    }
}

/// What is known of an entry that was removed without an attempt to deliver it, for a week or as long as it is among
/// the newest thousand of its shard.
package struct DropNote: Hashable, Sendable {
    /// By Redis' clock.
    package var date: Timestamp
    /// The attempt that was not made.
    package var attempt: Int
    /// A name such as `not-subscribed`.
    package var reason: String

    package init(date: Timestamp, attempt: Int, reason: String) {
        self.date = date
        self.attempt = attempt
        self.reason = reason
    }

    /// Parses `microseconds app attempt reason`.
    init?(parsing text: String) {
        let parts = text.split(separator: " ", maxSplits: 3).map(String.init)
        guard parts.count == 4, let time = Int64(parts[0]), let attempt = Int(parts[2]) else { return nil }
        self.init(date: Timestamp(clamping: time), attempt: attempt, reason: parts[3])
    }
}

/// The result of looking for an event in a queue.
package struct QueueSearch: Hashable, Sendable {
    /// Nil: it was not found.
    package var place: QueuePlace?
    /// False when the queue has too many entries to look at all of them: an event that was not found may be there.
    package var isComplete: Bool

    package init(place: QueuePlace? = nil, isComplete: Bool = true) {
        self.place = place
        self.isComplete = isComplete
    }
}

/// Looks for events in a queue. One object serves one thread.
package protocol EventLocating: AnyObject {
    /// Looks for an event of an app; see `DeliveryQueue.search`.
    func search(for id: String, appID: Int64) throws(RedisError) -> QueueSearch
}
