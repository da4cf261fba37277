import Model
import Redis

/// The names of an entry's fields in Redis: readable, so that `XRANGE` shows an operator what is there.
enum QueueField {
    static let id = "id"
    static let app = "app"
    static let event = "event"
    static let attempt = "attempt"
    static let enqueued = "enqueued"
    static let due = "due"
    static let original = "original"
    static let payload = "payload"
    /// Of dead letters only.
    static let reason = "reason"
    static let buried = "buried"
    /// In lists of dead letters, in place of the payload.
    static let payloadByteCount = "bytes"
}

extension QueueEntry {
    /// Names and values in turn, as `XADD` takes them. Times are microseconds since the epoch.
    var fields: [[UInt8]] {
        var fields = [
            QueueField.id, id, QueueField.app, String(appID), QueueField.event, event.rawValue,
            QueueField.attempt, String(attempt), QueueField.enqueued, String(enqueuedAt.microseconds),
            QueueField.due, String(dueAt.microseconds),
        ].map { Array($0.utf8) }
        if let originalID { fields += [Array(QueueField.original.utf8), Array(originalID.utf8)] }
        fields += [Array(QueueField.payload.utf8), payload]
        return fields
    }

    /// Reads what `fields` wrote. What is missing or unreadable becomes empty or zero: `problem` tells.
    init(_ fields: FieldReader) {
        let enqueued = Timestamp(microseconds: fields.number(QueueField.enqueued) ?? 0)
        self.init(
            id: fields.text(QueueField.id) ?? "", appID: fields.number(QueueField.app) ?? 0,
            event: EventType(rawValue: fields.text(QueueField.event) ?? ""), enqueuedAt: enqueued,
            payload: fields.bytes(QueueField.payload) ?? [],
            attempt: fields.number(QueueField.attempt).map { Int($0) } ?? 0,
            dueAt: fields.number(QueueField.due).map { Timestamp(microseconds: $0) },
            originalID: fields.text(QueueField.original))
    }

    /// Why this cannot be an entry that a queue wrote; nil when it can.
    static func problem(of fields: FieldReader) -> String? {
        guard let id = fields.text(QueueField.id), isID(id) else {
            return "field \(QueueField.id) is not 32 lower-case hexadecimal digits"
        }
        for name in [QueueField.app, QueueField.attempt, QueueField.enqueued, QueueField.due] {
            guard fields.number(name) != nil else { return "field \(name) is not an integer" }
        }
        guard fields.text(QueueField.event) != nil else { return "field \(QueueField.event) is missing" }
        guard fields.hasText(QueueField.payload) else {
            return "field \(QueueField.payload) is missing or larger than this connection reads"
        }
        return nil
    }

    /// Whether `text` is 32 lower-case hexadecimal digits.
    package static func isID(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// Finds values in a flat list of names and values.
struct FieldReader {
    private let values: [ReplyValue]

    init(_ values: [ReplyValue]) {
        self.values = values
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

    func text(_ name: String) -> String? { value(name)?.string }
    func number(_ name: String) -> Int64? { value(name)?.number }

    func hasText(_ name: String) -> Bool {
        if case .text = value(name) { true } else { false }
    }

    func bytes(_ name: String) -> [UInt8]? {
        if case .text(let bytes) = value(name) { Array(bytes) } else { nil }
    }
}
