import Buffer
import TestSupport
import Testing

/// Buckets of durations and the percentiles that are estimated from them.
@Suite struct DurationHistogramTests {
    /// The exact value: the least duration that at least `fraction` of all do not exceed.
    private func exact(_ fraction: Double, of sorted: [Int64]) -> Int64 {
        sorted[min(max(Int((fraction * Double(sorted.count)).rounded(.up)), 1), sorted.count) - 1]
    }

    private func histogram(_ durations: [Int64]) -> DurationHistogram {
        var histogram = DurationHistogram()
        for duration in durations { histogram.record(milliseconds: duration) }
        return histogram
    }

    @Test func theBoundsAscendByAtMostAQuarter() {
        let bounds = DurationHistogram.bounds

        #expect(bounds.prefix(16) == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32])
        #expect(bounds.last == 65_536)
        for (lower, upper) in zip(bounds, bounds.dropFirst()) {
            #expect(lower < upper)
            #expect(upper <= 8 ? upper == lower + 1 : (upper - lower) * 4 <= lower)
        }
    }

    @Test func eachDurationIsInTheFirstBucketThatHasRoomForIt() {
        for milliseconds in Array(Int64(0)...300) + [65_535, 65_536, 65_537, .max, -1, .min] {
            let bounds = DurationHistogram.bounds
            let expected = bounds.firstIndex { milliseconds <= $0 } ?? bounds.count - 1
            #expect(DurationHistogram.bucket(milliseconds: milliseconds) == expected)
        }
    }

    /// Of distributions of every kind: even, of few values, with a long tail, of two groups.
    @Test(arguments: 0..<200) func anEstimateIsInTheBucketOfTheExactValue(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let count = Int.random(in: 1...(seed % 3 == 0 ? 5 : 2000), using: &random)
        let scale = Double.random(in: 1...20_000, using: &random)
        let durations = (0..<count).map { _ -> Int64 in
            let value = Double.random(in: 0..<1, using: &random)
            return switch seed % 4 {
            case 0: Int64(value * scale)
            case 1: [3, 40, 5000][Int(value * 3)]
            case 2: Int64(min(scale / (1 - value), 60_000))
            default: Int64(value < 0.9 ? 20 + value * 10 : scale)
            }
        }.sorted()
        let histogram = histogram(durations)

        for fraction in [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1] {
            let (exact, estimate) = (exact(fraction, of: durations), histogram.percentile(fraction) ?? -1)

            #expect(
                DurationHistogram.bucket(milliseconds: estimate) == DurationHistogram.bucket(milliseconds: exact),
                "\(fraction): \(estimate) for \(exact)")
            // A quarter of the lower bound is less than a quarter of the value; 0 counts as 1.
            #expect(exact <= 8 ? estimate == max(exact, 1) : abs(estimate - exact) * 4 < exact)
        }
    }

    @Test func withoutDurationsThereIsNoEstimateAndWhatIsTooLongIsTheLastBound() {
        #expect(DurationHistogram().percentile(0.5) == nil)
        #expect(histogram([1_000_000]).percentile(0.5) == 65_536)
    }

    @Test func histogramsAdd() {
        var sum = histogram([1, 2, 300])
        sum.add(histogram([2, 70_000]))

        #expect(sum == histogram([1, 2, 2, 300, 70_000]))
        #expect(sum.count == 5)
    }
}
