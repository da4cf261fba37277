import System
import Testing

@testable import Redis

/// The pause after a failed connection.
@Suite
struct ReconnectBackoffTests {
    @Test func itDoublesFromFailureToFailureUpToItsLongestAndSuccessEndsIt() {
        var backoff = ReconnectBackoff(shortest: .milliseconds(50), longest: .milliseconds(300))
        var waits: [Int] = []
        for _ in 0..<5 {
            backoff.recordFailure("no", at: MonotonicTime(microseconds: 1_000_000))
            waits.append(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 1_000_000)))
        }

        #expect(waits == [50, 100, 200, 300, 300])
        #expect(backoff.reason == "no")
        backoff.recordSuccess()
        #expect(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 1_000_000)) == 0)
        backoff.recordFailure("again", at: MonotonicTime(microseconds: 1_000_000))
        #expect(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 1_000_000)) == 50)
    }

    @Test func itIsOverWhenItsTimeHasComeAndWhatIsLeftIsRoundedUp() {
        var backoff = ReconnectBackoff(shortest: .milliseconds(50))
        backoff.recordFailure("no", at: MonotonicTime(microseconds: 0))

        #expect(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 49_001)) == 1)
        #expect(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 50_000)) == 0)
    }
}
