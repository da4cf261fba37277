import Model

/// Durations of attempts, counted in buckets that are fine enough for percentiles.
package struct DurationHistogram: Hashable, Sendable {
    /// The upper bounds of the buckets, in milliseconds, ascending: each number up to 8, then four bounds for each
    /// doubling up to 65,536, more than the longest timeout and its tolerance. Above 8 a bucket is at most a quarter as
    /// wide as its lower bound.
    package static let bounds: [Int64] = {
        var bounds = Array(Int64(1)...8)
        var start: Int64 = 8
        while start < 65_536 {
            bounds += (1...4).map { start + start / 4 * $0 }
            start *= 2
        }
        return bounds
    }()

    /// For each bound. What is above the last one counts there.
    package private(set) var counts: [Int64]

    package init() {
        counts = Self.bounds.map { _ in 0 }
    }

    package var count: Int64 { counts.reduce(0, saturatingSum) }

    /// The bucket of a duration: the first whose bound is not below it.
    package static func bucket(milliseconds: Int64) -> Int {
        var (low, high) = (0, bounds.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if milliseconds <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Counts one duration; a negative one, which a clock that is set back may give, counts as 0.
    package mutating func record(milliseconds: Int64) {
        add(1, bucket: Self.bucket(milliseconds: milliseconds))
    }

    /// Adds to a bucket; nothing to one that this release does not have.
    mutating func add(_ count: Int64, bucket: Int) {
        guard counts.indices.contains(bucket) else { return }
        counts[bucket] = saturatingSum(counts[bucket], max(0, count))
    }

    package mutating func add(_ other: DurationHistogram) {
        for bucket in counts.indices { add(other.counts[bucket], bucket: bucket) }
    }

    /// An estimate of the duration, in milliseconds, that `fraction` of all do not exceed (nearest rank); nil without
    /// durations.
    ///
    /// It is in the same bucket as the exact value: durations are taken as spread evenly in their bucket. So the error
    /// is less than a quarter of the value, and nothing from 1 to 8 ms.
    ///
    /// - Parameter fraction: above 0, up to 1.
    package func percentile(_ fraction: Double) -> Int64? {
        let total = count
        guard total > 0 else { return nil }
        let rank = min(max(Int64((fraction * Double(total)).rounded(.up)), 1), total)
        var before: Int64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            guard rank > saturatingSum(before, count) else {
                let lower = bucket == 0 ? 0 : Self.bounds[bucket - 1]
                let width = Double(Self.bounds[bucket] - lower)
                return lower + max(1, Int64((width * Double(rank - before) / Double(count)).rounded(.up)))
            }
            before = saturatingSum(before, count)
        }
        return Self.bounds.last
    }
}
