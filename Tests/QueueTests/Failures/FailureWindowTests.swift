import Model
import Queue
import Redis
import TestSupport
import Testing

/// What Redis keeps of an app's failures since its last success.
@Suite
struct FailureWindowTests {
    private let server: RedisServer
    private let windows: FailureWindows
    /// 2024-03-01 00:00:00 UTC.
    private let midnight = Timestamp(seconds: 1_709_251_200)

    init() throws {
        server = try RedisServer()
        windows = FailureWindows(connection: try server.connection())
    }

    private func outcome(
        _ kind: WindowOutcome.Kind, after seconds: Int64, event: Int = 1, app: Int64 = 7
    ) -> WindowOutcome {
        WindowOutcome(
            WebhookDestination(appID: app), kind: kind, date: midnight.adding(seconds: seconds),
            eventID: QueueEntry.sampleID(event))
    }

    @discardableResult
    private func record(_ outcomes: WindowOutcome..., countsTimeouts: Bool = false) throws -> FailureWindow {
        try #require(try windows.record(outcomes, countsTimeouts: countsTimeouts)[WebhookDestination(appID: 7)]).get()
    }

    @Test func failuresAreCountedByEventAndDaySinceTheFirst() throws {
        try record(outcome(.failure, after: 10, event: 1), outcome(.timeout, after: 20, event: 1))
        let window = try record(outcome(.failure, after: 86_400, event: 2))

        #expect(
            window.failures
                == FailureWindow.Failures(
                    first: midnight.adding(seconds: 10), last: midnight.adding(seconds: 86_400), eventCount: 2,
                    dayCount: 2))
        #expect(try windows.window(appID: 7) == window)
        #expect(try windows.window(appID: 8) == FailureWindow())
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "9223372036854000000", "x", ""])
    func whatOthersWroteIntoTheHashIsBounded(value: String) throws {
        let fields = ["first", "last", "events", "days", "day", "warned", "timeouts", "successes", "today"]
        let connection = try RedisTestConnection(socketPath: server.socketPath)
        try connection.command(["HSET", "hookline:{app:7}:failures"] + fields.flatMap { [$0, value] })

        let windows = [
            try windows.window(appID: 7), try record(outcome(.failure, after: 1), countsTimeouts: true),
        ]

        for window in windows {
            guard let failures = window.failures else { continue }
            #expect(Timestamp.calendarRange.contains(failures.first))
            #expect(Timestamp.calendarRange.contains(failures.last))
            #expect(failures.dayCount >= 0)
        }
        #expect(windows.allSatisfy { $0.warnedPercent >= 0 && $0.timeouts >= 0 && $0.successes >= 0 })
    }

    @Test func aSuccessResetsThemAndTheWarnings() throws {
        try record(outcome(.failure, after: 10))
        let isMarked = try windows.markWarned(
            WebhookDestination(appID: 7), percent: 50, first: midnight.adding(seconds: 10))
        let warned = try windows.window(appID: 7).warnedPercent

        let recovered = try record(outcome(.success, after: 20))
        let again = try record(outcome(.failure, after: 30))

        #expect(isMarked && warned == 50)
        #expect(recovered == FailureWindow())
        #expect(again.failures?.first == midnight.adding(seconds: 30))
        #expect(again.failures?.eventCount == 1 && again.warnedPercent == 0)
    }

    @Test func theOrderWithinOneCallCounts() throws {
        let ended = try record(outcome(.failure, after: 1), outcome(.success, after: 2))
        let began = try record(outcome(.success, after: 3), outcome(.failure, after: 4))

        #expect(ended.failures == nil)
        #expect(began.failures?.first == midnight.adding(seconds: 4))
    }

    @Test func successesAloneLeaveNoKey() throws {
        try record(outcome(.success, after: 1))

        #expect(try server.integer("DBSIZE") == 0)
    }

    @Test func theHashIsBoundedAndExpires() throws {
        for event in 1...50 {
            try record(outcome(.timeout, after: Int64(event) * 86_400, event: event), countsTimeouts: true)
        }
        _ = try windows.markWarned(WebhookDestination(appID: 7), percent: 90, first: midnight.adding(seconds: 86_400))

        let key = "hookline:{app:7}:failures"
        let ttl = try server.integer("TTL", key)
        #expect(try windows.window(appID: 7).failures?.eventCount == FailureWindows.eventLimit)
        #expect(try windows.window(appID: 7).failures?.dayCount == 50)
        #expect(try server.integer("HLEN", key) == 9)
        #expect(try server.integer("HSTRLEN", key, "events") == 3 * 32 + 2)
        #expect((5_184_000 - 60...5_184_000).contains(ttl))
        #expect(try server.integer("DBSIZE") == 1)
    }

    @Test func aWarningIsMarkedByOneCallerAndOnlyForTheFailuresThatItWasAbout() throws {
        try record(outcome(.failure, after: 10))
        let first = midnight.adding(seconds: 10)

        #expect(try windows.markWarned(WebhookDestination(appID: 7), percent: 50, first: first))
        #expect(try !windows.markWarned(WebhookDestination(appID: 7), percent: 50, first: first))
        #expect(try windows.markWarned(WebhookDestination(appID: 7), percent: 90, first: first))
        #expect(try !windows.markWarned(WebhookDestination(appID: 7), percent: 50, first: first))
        #expect(try !windows.markWarned(WebhookDestination(appID: 7), percent: 95, first: midnight))
        #expect(try !windows.markWarned(WebhookDestination(appID: 8), percent: 50, first: first))
    }

    @Test func timeoutsAndSuccessesAreThoseOfTheLastDay() throws {
        try record(outcome(.timeout, after: 86_399), countsTimeouts: true)
        let first = try record(
            outcome(.timeout, after: 86_400), outcome(.failure, after: 86_401), outcome(.success, after: 86_402),
            outcome(.timeout, after: 86_403), countsTimeouts: true)
        let uncounted = try record(outcome(.timeout, after: 86_404))

        #expect(first.timeouts == 2 && first.successes == 1)
        #expect(uncounted.timeouts == 2)
    }

    @Test func appsAreApartAndAKeyOfTheWrongTypeAffectsOnlyItsOwn() throws {
        try server.command("SET", "hookline:{app:8}:failures", "text")

        let results = try windows.record([outcome(.failure, after: 1, app: 8), outcome(.failure, after: 2)])

        #expect(throws: RedisError.self) { try results[WebhookDestination(appID: 8)]?.get() }
        #expect(try results[WebhookDestination(appID: 7)]?.get().failures?.first == midnight.adding(seconds: 2))
    }

    @Test func clearingForgetsEverything() throws {
        try record(outcome(.timeout, after: 1), countsTimeouts: true)

        try windows.clear(appID: 7)
        try windows.clear(appID: 8)

        #expect(try server.integer("DBSIZE") == 0)
    }
}
