import Model

/// Counts of delivery: of one worker in an interval, or of the fleet in total.
package struct MetricCounts: Hashable, Sendable {
    /// The default limit for series with tags; enough for a few hundred apps.
    package static let defaultSeriesLimit = 5000

    package private(set) var counters: [MetricSeries: Int64] = [:]
    package private(set) var latencies: [DeliveryLatency: LatencyCounts] = [:]

    /// No counts.
    package init() {}

    package var isEmpty: Bool { counters.isEmpty && latencies.isEmpty }

    /// All series of a counter together.
    package func total(of counter: DeliveryCounter) -> Int64 {
        counters.reduce(0) { $1.key.counter == counter ? saturatingSum($0, $1.value) : $0 }
    }

    /// Adds to a series; once there are `limit` of them, new ones are counted as the counter's `other`.
    package mutating func add(
        _ count: Int64, to series: MetricSeries, limit: Int = MetricCounts.defaultSeriesLimit
    ) {
        guard count > 0 else { return }
        let isKept = counters.count < limit || counters[series] != nil
        let series = isKept ? series : MetricSeries.overflow(of: series.counter)
        counters[series] = saturatingSum(counters[series] ?? 0, count)
    }

    /// Adds durations, unless there are none.
    package mutating func add(_ latency: LatencyCounts) {
        guard latency.count > 0 else { return }
        latencies[latency.latency, default: LatencyCounts(latency.latency)].add(latency)
    }

    /// Adds other counts.
    package mutating func add(_ other: MetricCounts, limit: Int = MetricCounts.defaultSeriesLimit) {
        for (series, count) in other.counters { add(count, to: series, limit: limit) }
        for latency in other.latencies.values { add(latency) }
    }

    /// The increments of the hash's fields.
    var fields: [(field: MetricField, count: Int64)] {
        var fields = counters.map { (field: MetricField.counter($0.key), count: $0.value) }
        for (latency, counts) in latencies {
            let bounds = latency.bounds.map(Int64?.some) + [nil]
            for (bucket, bound) in bounds.enumerated() where counts.counts[bucket] > 0 {
                fields.append((.latencyCount(latency, bound: bound), counts.counts[bucket]))
                guard counts.sums[bucket] > 0 else { continue }
                fields.append((.latencySum(latency, bound: bound), counts.sums[bucket]))
            }
        }
        return fields
    }

    /// Adds one field of the hash.
    mutating func add(_ count: Int64, to field: MetricField) {
        switch field {
        case .counter(let series): add(count, to: series, limit: .max)
        case .latencyCount(let latency, let bound):
            latencies[latency, default: LatencyCounts(latency)].add(count: count, bound: bound)
        case .latencySum(let latency, let bound):
            latencies[latency, default: LatencyCounts(latency)].add(sum: count, bound: bound)
        }
    }
}

/// A field of the hash `hookline:{metrics}`.
///
/// Parts are separated by `|` and percent-encoded, so that no two series share a field:
/// `http_response|200|sample-app|issue.created`, `duration|500|count`, `duration|inf|sum`.
enum MetricField: Hashable {
    case counter(MetricSeries)
    /// The number of durations in a bucket; nil: above every bound.
    case latencyCount(DeliveryLatency, bound: Int64?)
    /// The sum of durations in a bucket, in milliseconds.
    case latencySum(DeliveryLatency, bound: Int64?)

    var name: String {
        switch self {
        case .counter(let series):
            ([series.counter.rawValue] + series.tags.map(MetricText.encoded)).joined(separator: "|")
        case .latencyCount(let latency, let bound):
            [latency.rawValue, MetricField.name(bound), "count"].joined(separator: "|")
        case .latencySum(let latency, let bound):
            [latency.rawValue, MetricField.name(bound), "sum"].joined(separator: "|")
        }
    }

    /// Nil for an unknown field, for instance of another release.
    init?(parsing name: String) {
        // By scalars: a tag may begin with a combining mark.
        let parts = name.unicodeScalars.split(separator: "|", omittingEmptySubsequences: false)
        let values = parts.compactMap { MetricText.decoded(String($0)) }
        guard values.count == parts.count, let kind = values.first else { return nil }
        if let counter = DeliveryCounter(rawValue: kind) {
            guard values.count == counter.tagNames.count + 1 else { return nil }
            self = .counter(MetricSeries(counter, tags: Array(values.dropFirst())))
            return
        }
        guard let latency = DeliveryLatency(rawValue: kind), values.count == 3 else { return nil }
        let bound = Int64(values[1])
        guard bound != nil || values[1] == "inf" else { return nil }
        switch values[2] {
        case "count": self = .latencyCount(latency, bound: bound)
        case "sum": self = .latencySum(latency, bound: bound)
        default: return nil
        }
    }

    /// The field to use when there are too many fields.
    var overflow: MetricField {
        if case .counter(let series) = self { .counter(.overflow(of: series.counter)) } else { self }
    }

    private static func name(_ bound: Int64?) -> String { bound.map(String.init) ?? "inf" }
}
