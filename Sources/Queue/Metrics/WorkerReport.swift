package import Model
import Redis
import System

/// The heartbeat that a worker sends every few seconds.
package struct WorkerReport: Hashable, Sendable {
    /// Longer reasons are truncated, in characters: the report is one small value in Redis.
    static let maximumReasonLength = 300

    /// The worker's name in the consumer group.
    package var consumer: String
    package var version: String
    /// The name of its delivery policy; empty if it is from a release without one.
    package var policy: String
    package var startedAt: Timestamp
    /// The number of attempts in progress.
    package var inFlight: Int
    /// Why the worker sends nothing at the moment; nil when it does.
    package var pauseReason: String?
    /// How far the worker's clock is ahead of Redis', in milliseconds; negative: behind; nil: unknown.
    package var clockOffsetMilliseconds: Int64?
    /// The time of the last heartbeat, by Redis' clock; a worker need not set it.
    package var lastSeenAt: Timestamp

    package init(
        consumer: String, version: String, policy: String = "", startedAt: Timestamp, inFlight: Int,
        pauseReason: String? = nil, clockOffsetMilliseconds: Int64? = nil,
        lastSeenAt: Timestamp = Timestamp(seconds: 0)
    ) {
        self.consumer = consumer
        self.version = version
        self.policy = policy
        self.startedAt = startedAt
        self.inFlight = inFlight
        self.pauseReason = pauseReason
        self.clockOffsetMilliseconds = clockOffsetMilliseconds
        self.lastSeenAt = lastSeenAt
    }

    /// The value behind the two times that Redis writes: `name=value`, separated by spaces, so that other releases can
    /// add fields.
    var value: String {
        let policy = self.policy.isEmpty ? "" : " policy=\(MetricText.encoded(policy))"
        let pause = pauseReason.map { " paused=\(MetricText.encoded(String($0.prefix(Self.maximumReasonLength))))" }
        let clock = clockOffsetMilliseconds.map { " clock=\($0)" }
        return "started=\(startedAt.microseconds) in_flight=\(inFlight) version=\(MetricText.encoded(version))"
            + policy + (pause ?? "") + (clock ?? "")
    }

    /// Parses a field of the hash: expiry and time of writing, in milliseconds, and the worker's value.
    ///
    /// - Returns: nil when it is invalid or has expired.
    init?(consumer: String, value: String, nowMilliseconds: Int64) {
        let parts = value.split(separator: " ")
        guard parts.count >= 2, let end = Int64(parts[0]), let seen = Int64(parts[1]), end > nowMilliseconds
        else { return nil }
        self.init(
            consumer: consumer, version: "", startedAt: Timestamp(seconds: 0), inFlight: 0,
            lastSeenAt: Timestamp(clamping: Int64(clampingProduct: seen, 1000)))
        for part in parts.dropFirst(2) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "started": startedAt = Timestamp(clamping: Int64(pair[1]) ?? 0)
            case "in_flight": inFlight = min(max(Int(pair[1]) ?? 0, 0), ReplyValue.maximumCount)
            case "paused": pauseReason = MetricText.decoded(pair[1])
            case "policy": policy = MetricText.decoded(pair[1]) ?? ""
            case "clock":
                let bound = Int64(ReplyValue.maximumCount)
                clockOffsetMilliseconds = Int64(pair[1]).map { min(max($0, -bound), bound) }
            case "version": version = MetricText.decoded(pair[1]) ?? ""
            default: break
            }
        }
    }
}

/// How far a machine's clock is from Redis', by which entries become due.
package enum ClockDifference {
    /// From this difference on it is worth a warning, in milliseconds. Heartbeats and due times bear less.
    package static let warningMilliseconds: Int64 = 5000

    /// `3600 s ahead of Redis'`; nil for a difference that does not matter.
    package static func description(milliseconds: Int64) -> String? {
        guard milliseconds.magnitude >= warningMilliseconds.magnitude else { return nil }
        return "\(milliseconds.magnitude / 1000) s \(milliseconds > 0 ? "ahead of" : "behind") that of Redis"
    }
}

extension WorkerReport {
    /// The difference of the worker's clock where it is worth a warning.
    package var clockDifference: String? {
        clockOffsetMilliseconds.flatMap(ClockDifference.description(milliseconds:))
    }
}

/// Strings in values and field names of metrics: spaces, `|`, `=`, `%` and control characters are written `%XX`.
enum MetricText {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func encoded(_ text: String) -> String {
        guard text.utf8.contains(where: isSpecial) else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isSpecial(byte) {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Nil for an invalid string.
    static func decoded(_ text: String) -> String? {
        guard !text.utf8.contains(where: { $0 != UInt8(ascii: "%") && isSpecial($0) }),
            let bytes = PercentCoding.strictlyDecoded(text.utf8)
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "|") || byte == UInt8(ascii: "=")
            || byte == UInt8(ascii: "%")
    }
}
