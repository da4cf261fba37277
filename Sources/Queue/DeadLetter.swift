package import Model
import Redis

/// An entry that is not delivered any more, kept with its payload until an operator sends it back or deletes it.
package struct DeadLetter: Hashable, Sendable {
    /// The entry as it was at its last attempt. In lists its payload is left out.
    package var entry: QueueEntry
    /// Why it is not delivered any more, in words; at most 1024 bytes.
    package var reason: String
    package var buriedAt: Timestamp
    /// The payload's size, also where the payload itself is left out.
    package var payloadByteCount: Int

    /// A dead letter with its payload.
    package init(entry: QueueEntry, reason: String, buriedAt: Timestamp) {
        self.entry = entry
        self.reason = reason
        self.buriedAt = buriedAt
        payloadByteCount = entry.payload.count
    }

    init?(_ values: [ReplyValue]) {
        guard !values.isEmpty else { return nil }
        let fields = FieldReader(values)
        entry = QueueEntry(fields)
        reason = fields.text(QueueField.reason) ?? ""
        buriedAt = Timestamp(microseconds: fields.number(QueueField.buried) ?? 0)
        payloadByteCount = fields.number(QueueField.payloadByteCount).map { Int($0) } ?? entry.payload.count
    }
}

/// A piece of the list of dead letters, the longest dead of each shard first.
package struct DeadLetterPage: Hashable, Sendable {
    /// Without their payloads.
    package var letters: [DeadLetter]
    /// Where the list goes on; nil at its end.
    package var next: Cursor?

    package init(letters: [DeadLetter], next: Cursor?) {
        self.letters = letters
        self.next = next
    }

    /// A place in the list: behind one dead letter, also when that is gone.
    package struct Cursor: Hashable, Sendable {
        var shard: Int
        var last: SortedSetPage.Item?
    }
}

/// What became of sending dead letters back.
package struct Redrive: Hashable, Sendable {
    /// Dead letters that are in the stream again.
    package var count: Int
    /// The queue became full; the rest stays dead.
    package var isFull: Bool

    package init(count: Int, isFull: Bool) {
        self.count = count
        self.isFull = isFull
    }
}
