/// How many requests took how long.
package struct RequestDurations: Hashable, Sendable {
    /// Upper bounds of the buckets, inclusive, in microseconds: from an answer out of memory to the longest time-out of
    /// a web server. What is longer lies in a last bucket without a bound.
    package static let bounds: [Int64] = [
        250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000,
    ]

    private var counts = [Int64](repeating: 0, count: bounds.count + 1)
    package private(set) var sumMicroseconds: Int64 = 0

    package init() {}

    package var count: Int64 { counts.reduce(0, +) }

    /// For each bucket the requests that lie in it or below.
    package var cumulativeCounts: [Int64] {
        var sum: Int64 = 0
        return counts.map { count in
            sum += count
            return sum
        }
    }

    package mutating func record(microseconds: Int64) {
        counts[RequestDurations.bounds.firstIndex { microseconds <= $0 } ?? RequestDurations.bounds.count] += 1
        sumMicroseconds += max(0, microseconds)
    }

    package mutating func add(_ other: RequestDurations) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        sumMicroseconds += other.sumMicroseconds
    }
}
