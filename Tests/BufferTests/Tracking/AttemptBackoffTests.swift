import Redis
import Testing

@testable import Buffer

/// Attempts to watch lists.
@Suite
struct AttemptBackoffTests {
    private static let slow = RedisError.timedOut(server: "x", milliseconds: 250)
    private static let strange = RedisError.unexpectedReply("no integer")

    @Test func theThirdFailureInARowIsReportedAndTheSameReasonOnlyOnce() {
        var backoff = AttemptBackoff(refusal: .seconds(60))
        let reports = [Self.slow, Self.slow, Self.slow, Self.slow, Self.strange, Self.strange].map {
            backoff.recordFailure($0)
        }
        #expect(reports == [nil, nil, "no response within 250 ms", nil, "no integer", nil])
    }

    @Test func aSuccessResetsTheCountAndReportedReasonsMayBeReportedAgain() {
        var backoff = AttemptBackoff(refusal: .seconds(60))
        for _ in 0..<2 {
            #expect([Self.slow, Self.slow].map { backoff.recordFailure($0) } == [nil, nil])
            backoff.recordSuccess()
        }
        for _ in 0..<2 {
            #expect(
                [Self.slow, Self.slow, Self.slow].map { backoff.recordFailure($0) }.last == "no response within 250 ms")
            backoff.recordSuccess()
        }
    }

    @Test func aRefusalIsReportedAtOnceAndAnUnreachableServerNever() {
        var backoff = AttemptBackoff(refusal: .seconds(60))
        let refusal = RedisError.refused(key: nil, message: "NOPERM no")
        #expect([refusal, refusal].map { backoff.recordFailure($0) } == ["NOPERM no", nil])
        let unreachable = RedisError.unreachable(server: "x", reason: "refused")
        #expect(
            [unreachable, unreachable, unreachable, unreachable].map { backoff.recordFailure($0) }.allSatisfy {
                $0 == nil
            })
    }
}
