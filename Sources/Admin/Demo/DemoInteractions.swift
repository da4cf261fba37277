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
            let hourOfDay = start / hour % 24
            // 1970-01-01 was a Thursday.
            let isWeekend = [2, 3].contains(start / 86400 % 7)
            let isDaytime = (7..<19).contains(hourOfDay)
            let limit = perHour / (isWeekend ? 4 : 1) / (isDaytime ? 1 : 5)
            add(Int64.random(in: 0...Int64(max(limit, 1)), using: &random), at: start)
        }
        // The hour that has begun, in steps of ten seconds.
        for second in stride(from: lastHour, through: end, by: 10) where random.isLucky(percent: 20) {
            add(Int64.random(in: 1...2, using: &random), at: second)
        }
    }

    private mutating func add(_ count: Int64, at second: Int64) {
        guard count > 0 else { return }
        for rollup in Rollup.allCases {
            let size = Int64(rollup.rawValue)
            counts[rollup, default: [:]][second / size * size, default: 0] += count
        }
    }
}
