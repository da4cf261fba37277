/// How many times lie in each bucket of a latency, and their sums.
package struct LatencyCounts: Hashable, Sendable {
    package let latency: DeliveryLatency
    /// For each bound and for what is above all of them; not cumulative.
    package private(set) var counts: [Int64]
    /// In milliseconds, for each bucket.
    package private(set) var sums: [Int64]

    package init(_ latency: DeliveryLatency) {
        self.latency = latency
        counts = [Int64](repeating: 0, count: latency.bounds.count + 1)
        sums = counts
    }

    package var count: Int64 { counts.reduce(0, saturatingSum) }

    /// For each bucket the times that lie in it or below.
    package var cumulativeCounts: [Int64] {
        var sum: Int64 = 0
        return counts.map { count in
            sum = saturatingSum(sum, count)
            return sum
        }
    }

    package var sumMilliseconds: Int64 { sums.reduce(0, saturatingSum) }

    /// Adds one time; a negative one, as a clock that is set back gives, counts as none.
    package mutating func record(milliseconds: Int64) {
        let milliseconds = max(0, milliseconds)
        let bucket = latency.bucket(milliseconds: milliseconds)
        counts[bucket] = saturatingSum(counts[bucket], 1)
        sums[bucket] = saturatingSum(sums[bucket], milliseconds)
    }

    /// Adds what was counted elsewhere, of the same latency.
    package mutating func add(_ other: LatencyCounts) {
        for bucket in counts.indices {
            counts[bucket] = saturatingSum(counts[bucket], other.counts[bucket])
            sums[bucket] = saturatingSum(sums[bucket], other.sums[bucket])
        }
    }

    /// Adds to the bucket of `bound`; a bound that this release does not know belongs to the next larger one.
    mutating func add(count: Int64 = 0, sum: Int64 = 0, bound: Int64?) {
        let bucket = bound.map(latency.bucket) ?? latency.bounds.count
        counts[bucket] = saturatingSum(counts[bucket], max(0, count))
        sums[bucket] = saturatingSum(sums[bucket], max(0, sum))
    }
}

/// A sum that stays at the largest number instead of overflowing.
func saturatingSum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? .max : sum
}
