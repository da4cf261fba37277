/// Counts of delivery: what one worker counted in a while, or the fleet since the beginning.
package struct MetricCounts: Hashable, Sendable {
    /// Counters with tags that are kept apart; enough for a few hundred apps.
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

    /// Adds to a series; once there are `limit` of them, what is new goes to the counter's `other`.
    package mutating func add(
        _ count: Int64, to series: MetricSeries, limit: Int = MetricCounts.defaultSeriesLimit
    ) {
        guard count > 0 else { return }
        let isKept = counters.count < limit || counters[series] != nil
        let series = isKept ? series : MetricSeries.overflow(of: series.counter)
        counters[series] = saturatingSum(counters[series] ?? 0, count)
    }

    /// Adds times; an empty set of them leaves no trace.
    package mutating func add(_ latency: LatencyCounts) {
        guard latency.count > 0 else { return }
        latencies[latency.latency, default: LatencyCounts(latency.latency)].add(latency)
    }

    /// Adds everything that was counted elsewhere.
    package mutating func add(_ other: MetricCounts, limit: Int = MetricCounts.defaultSeriesLimit) {
        for (series, count) in other.counters { add(count, to: series, limit: limit) }
        for latency in other.latencies.values { add(latency) }
    }

    /// What is to be added to the hash, field by field.
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

    /// Takes over one field of the hash.
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
