import Buffer
import Model
import Redis
import WireJSON

/// How the attempts to deliver webhooks to an app ended in the last 24 hours: the present hour and the 23 before.
struct AppDeliveries {
    private let counts: DeliveryCounts

    init(appID: Int64, in reader: any DeliveryHourReading, now: Timestamp) throws(RedisError) {
        let hour = now.seconds / 3600 * 3600
        var counts = DeliveryCounts()
        for hour in try reader.hours(appID: appID, startingIn: hour - 23 * 3600..<hour + 3600, now: now) {
            counts.add(hour.counts)
        }
        self.init(counts)
    }

    init(_ counts: DeliveryCounts) {
        self.counts = counts
    }

    /// `99.2% of 1234 attempts succeeded; p50 31 ms, p95 250 ms`.
    var text: String {
        guard let rate = counts.successRate else { return "no attempts" }
        let attempts = Int(counts.attempts).counted("attempt")
        let timeouts = counts.timeouts > 0 ? ", \(Int(counts.timeouts).counted("timeout"))" : ""
        guard let median = counts.durations.percentile(0.5), let high = counts.durations.percentile(0.95) else {
            return "\(Self.percentage(rate)) of \(attempts) succeeded\(timeouts)"
        }
        return "\(Self.percentage(rate)) of \(attempts) succeeded\(timeouts); p50 \(median) ms, p95 \(high) ms"
    }

    /// With one decimal place, rounded down: 100% means all.
    private static func percentage(_ rate: Double) -> String {
        let tenths = Int((rate * 1000).rounded(.down))
        return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
    }

    var json: JSONValue {
        func number(_ value: Int64?) -> JSONValue { value.map { .number(String($0)) } ?? .null }
        return .object([
            .init(name: "succeeded", value: number(counts.succeeded)),
            .init(name: "failed", value: number(counts.failed)),
            .init(name: "timeouts", value: number(counts.timeouts)),
            .init(name: "p50_ms", value: number(counts.durations.percentile(0.5))),
            .init(name: "p95_ms", value: number(counts.durations.percentile(0.95))),
        ])
    }
}
