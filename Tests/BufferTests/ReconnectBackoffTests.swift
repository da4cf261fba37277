import Testing

@testable import Buffer

@Suite("The pause after a failed connection")
struct ReconnectBackoffTests {
    @Test("It doubles from failure to failure up to its longest, and success ends it")
    func doubles() {
        var backoff = ReconnectBackoff(shortest: .milliseconds(50), longest: .milliseconds(300))
        var waits: [Int] = []
        for _ in 0..<5 {
            backoff.recordFailure("no", at: 1_000_000_000)
            waits.append(backoff.waitMilliseconds(at: 1_000_000_000))
        }

        #expect(waits == [50, 100, 200, 300, 300])
        #expect(backoff.reason == "no")
        backoff.recordSuccess()
        #expect(backoff.waitMilliseconds(at: 1_000_000_000) == 0)
        backoff.recordFailure("again", at: 1_000_000_000)
        #expect(backoff.waitMilliseconds(at: 1_000_000_000) == 50)
    }

    @Test("It is over when its time has come, and what is left is rounded up")
    func ends() {
        var backoff = ReconnectBackoff(shortest: .milliseconds(50))
        backoff.recordFailure("no", at: 0)

        #expect(backoff.waitMilliseconds(at: 49_000_001) == 1)
        #expect(backoff.waitMilliseconds(at: 50_000_000) == 0)
    }

    @Test("A deadline's rest is rounded up to milliseconds and never negative")
    func deadlines() {
        let deadline = Deadline(after: .milliseconds(2), from: 1000)

        #expect(deadline.remainingMilliseconds(at: 1000) == 2)
        #expect(deadline.remainingMilliseconds(at: 1001) == 2)
        #expect(deadline.remainingMilliseconds(at: 1_001_000) == 1)
        #expect(deadline.remainingMilliseconds(at: 2_001_000) == 0)
        #expect(deadline.remainingMilliseconds(at: 9_000_000) == 0)
        #expect(deadline.earlier(Deadline(nanoseconds: 5)).nanoseconds == 5)
    }
}
