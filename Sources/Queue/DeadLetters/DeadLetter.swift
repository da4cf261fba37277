package import Model
import Redis

/// An entry that is no longer delivered, kept with its payload until an operator redrives or deletes it.
package struct DeadLetter: Hashable, Sendable {
    /// The entry as of its last attempt. In lists its payload is omitted.
    package var entry: QueueEntry
    /// Why it is no longer delivered; at most 1024 bytes.
    package var reason: String
    /// When it became a dead letter.
    package var deadLetteredAt: Timestamp
    /// The payload's size, also where the payload itself is omitted.
    package var payloadByteCount: Int

    /// A dead letter with its payload.
    package init(entry: QueueEntry, reason: String, deadLetteredAt: Timestamp) {
        self.entry = entry
        self.reason = reason
        self.deadLetteredAt = deadLetteredAt
        payloadByteCount = entry.payload.count
    }

    static let maximumIDBytes = 64

    /// Whether this can be the id of a dead letter: lower-case hexadecimal digits, as those of events or, where an
    /// entry has none, the id of its place in the stream.
    package static func isID(_ text: String) -> Bool {
        (1...maximumIDBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
                default: byte == UInt8(ascii: "-")
                }
            }
    }

    init?(_ values: [ReplyValue]) {
        guard !values.isEmpty else { return nil }
        let fields = FieldReader(values)
        entry = QueueEntry(fields)
        reason = fields.string(QueueField.reason) ?? ""
        deadLetteredAt = fields.time(QueueField.deadLetteredAt) ?? Timestamp(seconds: 0)
        payloadByteCount = fields.count(QueueField.payloadByteCount) ?? entry.payload.count
    }
}

/// A page of the list of dead letters, the oldest of each shard first.
package struct DeadLetterPage: Hashable, Sendable {
    /// Without their payloads.
    package var letters: [DeadLetter]
    /// The start of the next page; nil at the end.
    package var next: Cursor?

    package init(letters: [DeadLetter], next: Cursor?) {
        self.letters = letters
        self.next = next
    }

    /// A position in the list: behind one dead letter, which may have been removed since.
    package struct Cursor: Hashable, Sendable {
        var shard: Int
        /// Of the list of one app the index's member, without a score.
        var last: SortedSetPage.Item?
    }
}

/// The dead letters of one app.
package struct DeadLetterSummary: Hashable, Sendable {
    package var count: Int
    /// The last that became one, without its payload; nil when there is none.
    package var newest: DeadLetter?

    package init(count: Int, newest: DeadLetter? = nil) {
        self.count = count
        self.newest = newest
    }
}

/// The outcome of a redrive.
package struct Redrive: Hashable, Sendable {
    /// The number of dead letters moved back into the stream.
    package var count: Int
    /// The queue became full; the others are still dead letters.
    package var isFull: Bool
    /// The number of dead letters whose apps have their shares of the queue: they are still dead letters.
    package var heldCount = 0
    /// The number of dead letters that cannot be decoded: they are still dead letters, and can only be deleted.
    package var damagedCount = 0

    package init(count: Int, isFull: Bool) {
        self.count = count
        self.isFull = isFull
    }

    static func += (total: inout Redrive, step: Redrive) {
        total.count += step.count
        total.isFull = total.isFull || step.isFull
        total.heldCount += step.heldCount
        total.damagedCount += step.damagedCount
    }
}
