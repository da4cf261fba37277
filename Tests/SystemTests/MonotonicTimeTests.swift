import System
import Testing

@Suite
struct MonotonicTimeTests {
    private let start = MonotonicTime(microseconds: 5)

    @Test func theRemainingTimeIsRoundedUpToMillisecondsAndNeverNegative() {
        let deadline = start.adding(.milliseconds(2))

        #expect(deadline.remainingMilliseconds(at: start) == 2)
        #expect(deadline.remainingMilliseconds(at: MonotonicTime(microseconds: 6)) == 2)
        #expect(deadline.remainingMilliseconds(at: MonotonicTime(microseconds: 1005)) == 1)
        #expect(deadline.remainingMilliseconds(at: MonotonicTime(microseconds: 2005)) == 0)
        #expect(deadline.remainingMilliseconds(at: MonotonicTime(microseconds: 9000)) == 0)
    }

    @Test func aDistantInstantIsTheLongestTimeoutOfPoll() {
        #expect(MonotonicTime(microseconds: .max / 2).remainingMilliseconds(at: start) == Int32.max)
    }

    @Test(arguments: [
        (Duration.zero, 0), (.microseconds(1), 1), (.microseconds(999), 1), (.milliseconds(1), 1),
        (.microseconds(1999), 1), (.seconds(2), 2000),
    ])
    func aPositiveDurationIsAtLeastOneMillisecond(duration: Duration, milliseconds: Int) {
        #expect(duration.milliseconds == milliseconds)
    }

    @Test func aDurationIsAddedToTheMicrosecond() {
        #expect(start.adding(.nanoseconds(1_500_999)) == MonotonicTime(microseconds: 1505))
        #expect(start.adding(seconds: 1) == MonotonicTime(microseconds: 1_000_005))
    }
}
