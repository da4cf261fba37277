package import Model

/// What a worker says of itself every few seconds.
package struct WorkerReport: Hashable, Sendable {
    /// The worker's name in the consumer group.
    package var consumer: String
    package var version: String
    package var startedAt: Timestamp
    /// Attempts that are under way.
    package var inFlight: Int
    /// When it last said so, by Redis' clock; what a worker writes here itself does not matter.
    package var lastSeenAt: Timestamp

    package init(
        consumer: String, version: String, startedAt: Timestamp, inFlight: Int,
        lastSeenAt: Timestamp = Timestamp(seconds: 0)
    ) {
        self.consumer = consumer
        self.version = version
        self.startedAt = startedAt
        self.inFlight = inFlight
        self.lastSeenAt = lastSeenAt
    }

    /// The value behind the two times that Redis writes: `name=value`, separated by spaces, so that other releases can
    /// say more.
    var text: String {
        "started=\(startedAt.microseconds) in_flight=\(inFlight) version=\(PercentText.encoded(version))"
    }

    /// Reads a field of the hash: until when it counts and when it was written, in milliseconds, and the text.
    ///
    /// - Returns: nil for what is unreadable, and for what does not count any more.
    init?(consumer: String, value: String, nowMilliseconds: Int64) {
        let parts = value.split(separator: " ")
        guard parts.count >= 2, let end = Int64(parts[0]), let seen = Int64(parts[1]), end > nowMilliseconds
        else { return nil }
        self.init(
            consumer: consumer, version: "", startedAt: Timestamp(seconds: 0), inFlight: 0,
            lastSeenAt: Timestamp(microseconds: seen.multipliedReportingOverflow(by: 1000).partialValue))
        for part in parts.dropFirst(2) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "started": startedAt = Timestamp(microseconds: Int64(pair[1]) ?? 0)
            case "in_flight": inFlight = Int(pair[1]) ?? 0
            case "version": version = PercentText.decoded(pair[1]) ?? ""
            default: break
            }
        }
    }
}
