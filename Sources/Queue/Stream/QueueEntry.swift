package import Model
import Redis

/// An entry of a `DeliveryQueue`: an opaque payload and the fields that the queue and its operators need.
package struct QueueEntry: Hashable, Sendable {
    /// 32 lower-case hexadecimal digits, the same for each attempt: the webhook's `Request-ID`. No two entries share
    /// one.
    package var id: String
    /// Selects the shard, and the app's dead letters.
    package var appID: Int64
    /// The event type, for operators and metrics.
    package var event: EventType
    /// 1 for the first attempt.
    package var attempt: Int
    /// When it was first enqueued; retries do not change it.
    package var enqueuedAt: Timestamp
    /// The earliest time of this attempt.
    package var dueAt: Timestamp
    /// The id of the entry that this one redelivers, if any.
    package var originalID: String?
    /// The target that this is for; nil for all but webhooks that are relayed.
    package var target: String?
    /// Opaque to the queue, limited by its settings.
    package var payload: [UInt8]

    /// What it is for: the app, or one target of its relay.
    package var destination: WebhookDestination { WebhookDestination(appID: appID, target: target) }

    /// - Parameter dueAt: nil: at once.
    package init(
        id: String, appID: Int64, event: EventType, enqueuedAt: Timestamp, payload: [UInt8], attempt: Int = 1,
        dueAt: Timestamp? = nil, originalID: String? = nil, target: String? = nil
    ) {
        self.id = id
        self.appID = appID
        self.event = event
        self.attempt = attempt
        self.enqueuedAt = enqueuedAt
        self.dueAt = dueAt ?? enqueuedAt
        self.originalID = originalID
        self.target = target
        self.payload = payload
    }
}

/// The names of an entry's fields in Redis, readable for operators who use `XRANGE`.
enum QueueField {
    static let id = "id"
    static let app = "app"
    static let event = "event"
    static let attempt = "attempt"
    static let enqueued = "enqueued"
    static let due = "due"
    static let original = "original"
    static let target = "target"
    static let payload = "payload"
    /// Of what a script could not decode: the payload is what Redis had.
    static let damaged = "damaged"
    /// Of dead letters only, like `deadLetteredAt`.
    static let reason = "reason"
    static let deadLetteredAt = "buried"
    /// In lists of dead letters, in place of the payload.
    static let payloadByteCount = "bytes"
}

extension QueueEntry {
    /// Names and values in turn, as arguments of `XADD`. Times are microseconds since the epoch.
    var fields: [[UInt8]] {
        var fields = [
            QueueField.id, id, QueueField.app, String(appID), QueueField.event, event.rawValue,
            QueueField.attempt, String(attempt), QueueField.enqueued, String(enqueuedAt.microseconds),
            QueueField.due, String(dueAt.microseconds),
        ].map { Array($0.utf8) }
        if let originalID { fields += [Array(QueueField.original.utf8), Array(originalID.utf8)] }
        if let target { fields += [Array(QueueField.target.utf8), Array(target.utf8)] }
        fields += [Array(QueueField.payload.utf8), payload]
        return fields
    }

    /// Far more attempts than any setting allows.
    static let maximumAttempt = 1_000_000

    /// Parses fields. Missing or invalid ones become empty or zero, numbers that are too large are reduced; see
    /// `problem`.
    init(_ fields: FieldReader) {
        let enqueued = fields.time(QueueField.enqueued) ?? Timestamp(seconds: 0)
        self.init(
            id: fields.string(QueueField.id) ?? "", appID: fields.number(QueueField.app) ?? 0,
            event: EventType(rawValue: fields.string(QueueField.event) ?? ""), enqueuedAt: enqueued,
            payload: fields.bytes(QueueField.payload) ?? [],
            attempt: min(fields.count(QueueField.attempt) ?? 0, QueueEntry.maximumAttempt),
            dueAt: fields.time(QueueField.due),
            originalID: fields.string(QueueField.original), target: fields.string(QueueField.target))
    }

    /// Why these are not the fields of an entry; nil when they are.
    static func problem(of fields: FieldReader) -> String? {
        guard !fields.hasValue(QueueField.damaged) else { return "what Redis had of it cannot be decoded" }
        guard let id = fields.string(QueueField.id), isID(id) else {
            return "field \(QueueField.id) is not 32 lower-case hexadecimal digits"
        }
        for name in [QueueField.app, QueueField.attempt, QueueField.enqueued, QueueField.due] {
            guard fields.number(name) != nil else { return "field \(name) is not an integer" }
        }
        guard (0...Int64(maximumAttempt)).contains(fields.number(QueueField.attempt) ?? 0) else {
            return "field \(QueueField.attempt) is not a number from 0 to \(maximumAttempt)"
        }
        for name in [QueueField.enqueued, QueueField.due] {
            guard Timestamp.calendarRange.contains(Timestamp(microseconds: fields.number(name) ?? 0)) else {
                return "field \(name) is not a time of the years 1 to 9999"
            }
        }
        if let original = fields.string(QueueField.original), !isOriginalID(original) {
            return "field \(QueueField.original) is not an event id"
        }
        guard fields.string(QueueField.event) != nil else { return "field \(QueueField.event) is missing" }
        guard fields.hasValue(QueueField.payload) else {
            return "field \(QueueField.payload) is missing or larger than this connection reads"
        }
        return nil
    }

    /// Whether `id` can be the id of a redelivered event: it is sent in a header and stored in lists of ids.
    private static func isOriginalID(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// Whether `id` is 32 lower-case hexadecimal digits.
    package static func isID(_ id: String) -> Bool {
        id.utf8.count == 32
            && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// Finds values in a flat list of names and values.
struct FieldReader {
    private let values: [ReplyValue]

    init(_ values: [ReplyValue]) {
        self.values = values
    }

    /// The bytes of all names and values that this connection has read.
    var byteCount: Int {
        values.reduce(0) { sum, value in
            if case .text(let bytes) = value { sum + bytes.count } else { sum }
        }
    }

    private func value(_ name: String) -> ReplyValue? {
        var index = 0
        while index + 1 < values.count {
            if case .text(let bytes) = values[index], bytes.count == name.utf8.count, bytes.elementsEqual(name.utf8) {
                return values[index + 1]
            }
            index += 2
        }
        return nil
    }

    func string(_ name: String) -> String? { value(name)?.string }
    func number(_ name: String) -> Int64? { value(name)?.number }
    /// A number of something; see `ReplyValue.count`.
    func count(_ name: String) -> Int? { value(name)?.count }
    /// Microseconds since the epoch; see `Timestamp.init(clamping:)`.
    func time(_ name: String) -> Timestamp? { number(name).map(Timestamp.init(clamping:)) }

    func hasValue(_ name: String) -> Bool {
        if case .text = value(name) { true } else { false }
    }

    func bytes(_ name: String) -> [UInt8]? {
        if case .text(let bytes) = value(name) { Array(bytes) } else { nil }
    }
}
