import Redis
import Testing

@testable import Buffer

/// Attempts to watch lists.
@Suite
struct AttemptPausesTests {
    private static let slow = RedisError.timedOut(server: "x", milliseconds: 250)
    private static let strange = RedisError.unexpectedReply("no integer")

    @Test func theThirdFailureInARowIsNewsTheSameReasonAgainIsNot() {
        let pauses = AttemptPauses(refusal: .seconds(60))
        let news = [Self.slow, Self.slow, Self.slow, Self.slow, Self.strange, Self.strange].map(pauses.failed)
        #expect(news == [nil, nil, "no response within 250 ms", nil, "no integer", nil])
    }

    @Test func aSuccessBeginsTheCountAnewAndWhatWasSaidMayBeSaidAgain() {
        let pauses = AttemptPauses(refusal: .seconds(60))
        for _ in 0..<2 {
            #expect([Self.slow, Self.slow].map(pauses.failed) == [nil, nil])
            pauses.succeeded()
        }
        for _ in 0..<2 {
            #expect([Self.slow, Self.slow, Self.slow].map(pauses.failed).last == "no response within 250 ms")
            pauses.succeeded()
        }
    }

    @Test func aRefusalIsNewsAtOnceAServerThatCannotBeReachedIsNoneOfThisClassNews() {
        let pauses = AttemptPauses(refusal: .seconds(60))
        let refusal = RedisError.refused(key: nil, message: "NOPERM no")
        #expect([refusal, refusal].map(pauses.failed) == ["NOPERM no", nil])
        let unreachable = RedisError.unreachable(server: "x", reason: "refused")
        #expect([unreachable, unreachable, unreachable, unreachable].map(pauses.failed).allSatisfy { $0 == nil })
    }
}
