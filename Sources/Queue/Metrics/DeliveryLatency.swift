import Model

/// The latencies that delivery measures.
package enum DeliveryLatency: String, CaseIterable, Sendable {
    /// Duration of one attempt.
    case duration
    /// From enqueueing an event to the end of its first attempt.
    case delay

    /// The upper bounds of the buckets, in milliseconds, ascending; one more bucket is above all of them.
    ///
    /// An attempt cannot take longer than its timeout, 30 s at most; an event can wait as long as no worker runs.
    package var bounds: [Int64] {
        switch self {
        case .duration: DeliveryLatency.durationBounds
        case .delay: DeliveryLatency.delayBounds
        }
    }

    // Allocated once: a bound is looked up for each attempt.
    private static let durationBounds: [Int64] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000]
    private static let delayBounds: [Int64] = [
        10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
    ]

    /// The bucket of a duration: the first whose bound is not below it.
    package func bucket(milliseconds: Int64) -> Int {
        let bounds = bounds
        return bounds.firstIndex { milliseconds <= $0 } ?? bounds.count
    }
}

/// The histogram of a latency: count and sum of each bucket.
package struct LatencyCounts: Hashable, Sendable {
    package let latency: DeliveryLatency
    /// For each bound and above all of them; not cumulative.
    package private(set) var counts: [Int64]
    /// In milliseconds, for each bucket.
    package private(set) var sums: [Int64]

    package init(_ latency: DeliveryLatency) {
        self.latency = latency
        counts = [Int64](repeating: 0, count: latency.bounds.count + 1)
        sums = counts
    }

    package var count: Int64 { counts.reduce(0, saturatingSum) }

    /// For each bucket the count of durations in it or below.
    package var cumulativeCounts: [Int64] {
        var sum: Int64 = 0
        return counts.map { count in
            sum = saturatingSum(sum, count)
            return sum
        }
    }

    package var sumMilliseconds: Int64 { sums.reduce(0, saturatingSum) }

    /// Adds one duration; a negative one, which a clock that is set back may give, counts as 0.
    package mutating func record(milliseconds: Int64) {
        let milliseconds = max(0, milliseconds)
        let bucket = latency.bucket(milliseconds: milliseconds)
        counts[bucket] = saturatingSum(counts[bucket], 1)
        sums[bucket] = saturatingSum(sums[bucket], milliseconds)
    }

    /// Adds another histogram of the same latency.
    package mutating func add(_ other: LatencyCounts) {
        for bucket in counts.indices {
            counts[bucket] = saturatingSum(counts[bucket], other.counts[bucket])
            sums[bucket] = saturatingSum(sums[bucket], other.sums[bucket])
        }
    }

    /// Adds to the bucket of `bound`; a bound unknown to this release belongs to the next larger one.
    mutating func add(count: Int64 = 0, sum: Int64 = 0, bound: Int64?) {
        let bucket = bound.map(latency.bucket) ?? latency.bounds.count
        counts[bucket] = saturatingSum(counts[bucket], max(0, count))
        sums[bucket] = saturatingSum(sums[bucket], max(0, sum))
    }
}

extension Int64 {
    /// A product that saturates instead of overflowing.
    init(clampingProduct left: Int64, _ right: Int64) {
        let (product, overflows) = left.multipliedReportingOverflow(by: right)
        self = overflows ? (left < 0) == (right < 0) ? .max : .min : product
    }
}
