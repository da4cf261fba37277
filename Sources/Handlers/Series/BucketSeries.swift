import Buffer
import Model

/// The buckets of a time range, and the format of one count for each (docs/protocol.md 3.2).
struct BucketSeries {
    /// Seconds since the epoch, ascending, no two equal; each a multiple of the rollup.
    let starts: [Int64]
    let rollup: Rollup

    /// A range from 1970 to the year 2106 in days: more than any chart shows, and a limit on what one request reads
    /// from Redis.
    static let maximumCount = 50_000

    /// The buckets from `range.until` back to `range.since`, in steps of the rollup.
    ///
    /// Fails with 400 when there would be more than `maximumCount`.
    init(
        _ range: SeriesRange, rollup: Rollup, maximumCount: Int = BucketSeries.maximumCount
    ) throws(HTTPFailure) {
        let step = Int64(rollup.rawValue) * 1_000_000
        let count = (range.until.microseconds - range.since.microseconds) / step + 1
        guard count <= Int64(maximumCount) else {
            throw .badRequest(
                "The range from since to until has \(count) points of \(rollup.rawValue) seconds, "
                    + "more than the maximum of \(maximumCount).")
        }
        self.rollup = rollup

        var starts: [Int64] = []
        starts.reserveCapacity(Int(count))
        for index in (0..<count).reversed() {
            let start = BucketSeries.start(
                ofBucketWith: Timestamp(microseconds: range.until.microseconds - index * step), rollup: rollup)
            // Around 1970 two steps can fall into one bucket, since seconds are cut towards zero.
            if starts.last != start { starts.append(start) }
        }
        self.starts = starts
    }

    /// The start of the bucket that `time` falls into.
    static func start(ofBucketWith time: Timestamp, rollup: Rollup) -> Int64 {
        let width = Int64(rollup.rawValue)
        let seconds = time.wholeSeconds
        let remainder = seconds % width
        return seconds - (remainder < 0 ? remainder + width : remainder)
    }

    /// How an epoch is written: `/stats/` has integers, `/interaction/` floats up to 26.1, in the original too.
    enum EpochStyle {
        case float
        case integer
    }

    /// Appends `[[epoch,count],…]`.
    ///
    /// - Parameter counts: as many as `starts`.
    func append(_ counts: some Collection<Int64>, style: EpochStyle, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for (start, count) in zip(starts, counts) {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            output.append(UInt8(ascii: "["))
            output.append(decimal: start)
            if style == .float { output.append(literal: ".0") }
            output.append(UInt8(ascii: ","))
            output.append(decimal: count)
            output.append(UInt8(ascii: "]"))
        }
        output.append(UInt8(ascii: "]"))
    }
}
