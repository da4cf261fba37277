/// Requests that got a response, by route, method and status, and their durations by route.
///
/// Each thread has its own counts; the reader adds them up. The size is bounded: routes and methods come from fixed
/// lists, and the status is one that the program sends.
package struct RequestCounts: Sendable {
    /// Identifies one counter. Packed into one integer, because it is looked up for each request.
    package struct Key: Hashable, Comparable, Sendable {
        private let packed: UInt32

        package init(route: RouteLabel, method: MethodLabel, status: Int) {
            packed = UInt32(route.index) << 24 | UInt32(method.rawValue) << 16 | UInt32(UInt16(clamping: status))
        }

        package var route: RouteLabel { RouteLabel(index: UInt8(packed >> 24)) }
        package var method: MethodLabel { MethodLabel(rawValue: UInt8(packed >> 16 & 0xFF)) ?? .other }
        package var status: Int { Int(packed & 0xFFFF) }

        package static func < (left: Key, right: Key) -> Bool { left.packed < right.packed }
    }

    package private(set) var counts: [Key: Int64] = [:]
    /// Indexed by the route's index.
    private var durations = [RequestDurations](repeating: RequestDurations(), count: RouteLabel.count)

    package init() {}

    package func durations(of route: RouteLabel) -> RequestDurations { durations[Int(route.index)] }

    /// Counts one request.
    package mutating func record(_ key: Key, microseconds: Int64) {
        counts[key, default: 0] += 1
        durations[Int(key.route.index)].record(microseconds: microseconds)
    }

    /// Adds the counts of another thread.
    package mutating func add(_ other: RequestCounts) {
        for (key, count) in other.counts { counts[key, default: 0] += count }
        for index in durations.indices { durations[index].add(other.durations[index]) }
    }
}

/// A histogram of request durations.
package struct RequestDurations: Hashable, Sendable {
    /// Inclusive upper bounds of the buckets in microseconds, from a cached response to the longest timeout of a web
    /// server. The last bucket, for longer requests, has no bound.
    package static let bounds: [Int64] = [
        250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000,
    ]

    private var counts = [Int64](repeating: 0, count: bounds.count + 1)
    package private(set) var sumMicroseconds: Int64 = 0

    package init() {}

    package var count: Int64 { counts.reduce(0, +) }

    /// For each bucket, the number of requests in it and in all buckets below.
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
