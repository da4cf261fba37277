/// Requests answered, by route, method and status, and how long they took, by route.
///
/// Each thread counts for itself; who reads adds up. Bounded: the routes and methods are fixed lists, and a status is one
/// that the program answers with.
package struct RequestCounts: Sendable {
    /// One counter; in one number, because it is looked up once for each request.
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
    /// By the route's index.
    private var durations = [RequestDurations](repeating: RequestDurations(), count: RouteLabel.count)

    package init() {}

    package func durations(of route: RouteLabel) -> RequestDurations { durations[Int(route.index)] }

    /// Counts one request.
    package mutating func record(_ key: Key, microseconds: Int64) {
        counts[key, default: 0] += 1
        durations[Int(key.route.index)].record(microseconds: microseconds)
    }

    /// Adds what another thread counted.
    package mutating func add(_ other: RequestCounts) {
        for (key, count) in other.counts { counts[key, default: 0] += count }
        for index in durations.indices { durations[index].add(other.durations[index]) }
    }
}
