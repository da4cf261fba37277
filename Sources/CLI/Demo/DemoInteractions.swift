import Buffer
import Model

/// The demo's interaction counts: 90 days, busier in the daytime and on weekdays, for all three rollups.
struct DemoInteractions {
    /// Counts by rollup, then by a bucket's first second.
    private(set) var counts: [Rollup: [Int64: Int64]] = [:]

    /// - Parameter perHour: the busiest hour's count.
    init(perHour: Int, now: Timestamp, random: inout DemoRandom) {
        let hour: Int64 = 3600
        let end = now.seconds
        let lastHour = end / hour * hour
        for start in stride(from: lastHour - 90 * 24 * hour, to: lastHour, by: Int(hour)) {
            add(Int64.random(in: 0...Self.most(in: start, perHour: perHour), using: &random), at: start)
        }
        // The hour that has begun, as far as it has gone, in the steps of the finest rollup.
        let inThisHour = Int64.random(in: 0...Self.most(in: lastHour, perHour: perHour), using: &random)
        for _ in 0..<inThisHour * (end - lastHour) / hour {
            add(1, at: Int64.random(in: lastHour...end, using: &random))
        }
    }

    /// The largest count of the hour that begins in this second.
    private static func most(in hour: Int64, perHour: Int) -> Int64 {
        // 1970-01-01 was a Thursday.
        let isWeekend = [2, 3].contains(hour / 86400 % 7)
        let isDaytime = (7..<19).contains(hour / 3600 % 24)
        return Int64(max(perHour / (isWeekend ? 4 : 1) / (isDaytime ? 1 : 5), 1))
    }

    private mutating func add(_ count: Int64, at second: Int64) {
        guard count > 0 else { return }
        for rollup in Rollup.allCases {
            let size = Int64(rollup.rawValue)
            counts[rollup, default: [:]][second / size * size, default: 0] += count
        }
    }
}
