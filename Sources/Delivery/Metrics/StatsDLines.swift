import Buffer
import Queue
import WebhookRules

/// Formats counts for StatsD, with tags in DogStatsD's format: `name:value|type|#key:value,key:value`.
enum StatsDLines {
    /// The original's names where it has them (docs/protocol.md 7.1, 7.4).
    private static func name(of counter: DeliveryCounter) -> String {
        switch counter {
        case .responses: "integration-platform.http_response"
        case .processed: "resource_change.processed"
        case .retries: "hookline.retries"
        case .deadLetters: "hookline.dead_letters"
        case .appsDisabled: "hookline.apps_disabled"
        case .breakerOpenings: "hookline.breaker_openings"
        }
    }

    private static func name(of latency: DeliveryLatency) -> String {
        switch latency {
        case .duration: "hookline.delivery_duration"
        case .delay: "hookline.delivery_delay"
        }
    }

    /// The counts of one interval. A counter is sent as its sum; a bucket of durations is sent as its mean, with a
    /// sample rate that makes the server count it as many times.
    static func lines(for counts: MetricCounts) -> [String] {
        let counters = counts.counters.sorted { $0.key < $1.key }.map { series, count in
            let tags = zip(series.counter.tagNames, series.tags).map { ($0, $1) }
            return "\(name(of: series.counter)):\(count)|c" + tagList(tags)
        }
        let latencies = DeliveryLatency.allCases.compactMap { counts.latencies[$0] }
        return counters + latencies.flatMap(lines)
    }

    private static func lines(for latency: LatencyCounts) -> [String] {
        zip(latency.counts, latency.sums).filter { $0.0 > 0 }.map { count, sum in
            "\(name(of: latency.latency)):\(sum / count)|ms" + rate(of: count)
        }
    }

    /// The gauges of a queue.
    static func lines(for statistics: QueueStatistics, queue: String, oldestSeconds: Int64) -> [String] {
        let states = [
            ("waiting", statistics.waiting), ("pending", statistics.pending), ("scheduled", statistics.scheduled),
            ("dead", statistics.dead),
        ]
        return states.map { "hookline.queue_entries:\(max(0, $1))|g" + tagList([("queue", queue), ("state", $0)]) }
            + ["hookline.queue_oldest_due_seconds:\(oldestSeconds)|g" + tagList([("queue", queue)])]
    }

    /// The gauges of silent apps, by cause. Those of causes that no app has are sent, too: they may have been greater.
    static func lines(silentApps counts: [String: Int64]) -> [String] {
        Silence.countNames.map { "hookline.silent_apps:\(max(0, counts[$0] ?? 0))|g" + tagList([("cause", $0)]) }
    }

    private static func tagList(_ tags: [(String, String)]) -> String {
        tags.isEmpty ? "" : "|#" + tags.map { "\($0):\(sanitised($1))" }.joined(separator: ",")
    }

    /// `|@0.25` for a count of four, with nine digits, because the server divides by it.
    private static func rate(of count: Int64) -> String {
        guard count > 1 else { return "" }
        let digits = String(max(1, 1_000_000_000 / count))
        return "|@0." + String(repeating: "0", count: 9 - digits.count) + digits
    }

    /// Replaces the characters that would end a tag's value or the line.
    static func sanitised(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            let isUnfit = scalar.value <= 0x20 || scalar.value == 0x7F || "|,:#@".unicodeScalars.contains(scalar)
            result.unicodeScalars.append(isUnfit ? "_" : scalar)
        }
        return result.isEmpty ? "none" : result
    }
}
