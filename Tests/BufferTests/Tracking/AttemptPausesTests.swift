import Redis
import Testing

@testable import Buffer

@Suite("Attempts to watch lists")
struct AttemptPausesTests {
    private static let slow = RedisError.timedOut(server: "x", milliseconds: 250)
    private static let strange = RedisError.unexpectedReply("no integer")

    @Test("The third failure in a row is news, the same reason again is not")
    func failures() {
        let pauses = AttemptPauses(refusal: .seconds(60))
        let news = [Self.slow, Self.slow, Self.slow, Self.slow, Self.strange, Self.strange].map(pauses.failed)
        #expect(news == [nil, nil, "no answer within 250 ms", nil, "no integer", nil])
    }

    @Test("A success begins the count anew, and what was said may be said again")
    func success() {
        let pauses = AttemptPauses(refusal: .seconds(60))
        for _ in 0..<2 {
            #expect([Self.slow, Self.slow].map(pauses.failed) == [nil, nil])
            pauses.succeeded()
        }
        for _ in 0..<2 {
            #expect([Self.slow, Self.slow, Self.slow].map(pauses.failed).last == "no answer within 250 ms")
            pauses.succeeded()
        }
    }

    @Test("A refusal is news at once, a server that cannot be reached is none of this class' news")
    func otherFailures() {
        let pauses = AttemptPauses(refusal: .seconds(60))
        let refusal = RedisError.refused(key: nil, message: "NOPERM no")
        #expect([refusal, refusal].map(pauses.failed) == ["NOPERM no", nil])
        let unreachable = RedisError.unreachable(server: "x", reason: "refused")
        #expect([unreachable, unreachable, unreachable, unreachable].map(pauses.failed).allSatisfy { $0 == nil })
    }
}
