import ProgramSupport
import System
import Testing

/// The limits after which a process reloads itself.
@Suite
struct LifeLimitTests {
    private func at(_ seconds: Int) -> MonotonicTime { MonotonicTime(microseconds: Int64(seconds) * 1_000_000) }

    @Test func noneIsTheDefault() {
        let limit = LifeLimit(maximumRequests: 0, maximumAgeSeconds: 0, now: at(0)) { 1 }

        #expect(limit.reason(at: at(1_000_000), requestCount: 1_000_000) == nil)
    }

    @Test(arguments: [(0.0, 1000), (0.5, 950), (1.0, 900)])
    func atMostATenthIsSubtractedAtRandom(random: Double, expected: Int) {
        let requests = LifeLimit(maximumRequests: 1000, maximumAgeSeconds: 0, now: at(0)) { random }
        let age = LifeLimit(maximumRequests: 0, maximumAgeSeconds: 1000, now: at(5)) { random }

        #expect(requests.reason(at: at(0), requestCount: expected - 1) == nil)
        #expect(requests.reason(at: at(0), requestCount: expected) == "max-requests")
        #expect(age.reason(at: at(5 + expected - 1), requestCount: 0) == nil)
        #expect(age.reason(at: at(5 + expected), requestCount: 0) == "max-age-seconds")
    }

    @Test func oneRequestIsALimitToo() {
        let limit = LifeLimit(maximumRequests: 1, maximumAgeSeconds: 0, now: at(0)) { 1 }

        #expect(limit.reason(at: at(0), requestCount: 0) == nil)
        #expect(limit.reason(at: at(0), requestCount: 1) != nil)
    }

    @Test func theNextReloadIsDueAfterAMinute() {
        var limit = LifeLimit(maximumRequests: 1, maximumAgeSeconds: 0, now: at(0)) { 0 }
        limit.postpone(from: at(100))

        #expect(limit.reason(at: at(159), requestCount: 5) == nil)
        #expect(limit.reason(at: at(160), requestCount: 5) == "max-requests")
    }
}
