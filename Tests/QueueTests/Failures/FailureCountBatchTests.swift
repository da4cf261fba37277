import Model
import Queue
import Redis
import TestSupport
import Testing

/// Failure counts in batches.
@Suite
struct FailureCountBatchTests {
    private let server: RedisServer
    private let one = FailureCountKey(appID: 31, organizationID: 4)
    private let two = FailureCountKey(appID: 32, organizationID: 4)
    /// 2024-03-01 00:00:00 UTC.
    private let midnight = Timestamp(seconds: 1_709_251_200)

    init() throws {
        server = try RedisServer()
    }

    @Test func countsOfOneDayAreOneCommandThatReturnsTheTotals() throws {
        let failureCounts = FailureCounts(connection: try server.connection())
        try failureCounts.record(.timeout, of: one, at: midnight)
        try server.command("CONFIG", "RESETSTAT")

        let tallies = try failureCounts.record([
            FailureCount(one, .timeout, at: midnight), FailureCount(two, .success, at: midnight, count: 5),
            FailureCount(one, .error, at: midnight), FailureCount(one, .timeout, at: midnight.adding(seconds: 9)),
        ]).map { try $0.get() }

        #expect(tallies.map(\.key) == [one, two])
        #expect(tallies[0].added == [.timeout: 2, .error: 1] && tallies[0].totals == [.timeout: 3, .error: 1])
        #expect(tallies[1].totals == [.success: 5])
        #expect(tallies[0].reached(2, of: .timeout) && tallies[0].reached(3, of: .timeout))
        #expect(!tallies[0].reached(1, of: .timeout) && !tallies[0].reached(4, of: .timeout))
        #expect(try server.command("INFO", "commandstats").contains("cmdstat_hincrby:calls=3,"))
        #expect((1...691_200).contains(try server.integer("TTL", "sentry-app-error:32:4:2024-03-01")))
    }

    @Test func oneKeyThatCannotBeCountedHarmsNoOther() throws {
        let failureCounts = FailureCounts(connection: try server.connection())
        try server.command("SET", "sentry-app-error:31:4:2024-03-01", "text")

        let tallies = try failureCounts.record([
            FailureCount(one, .error, at: midnight), FailureCount(two, .error, at: midnight),
        ])
        let days = try failureCounts.days(of: [one, two], upTo: midnight, count: 2)

        #expect(throws: RedisError.self) { try tallies[0].get() }
        #expect(try tallies[1].get().totals == [.error: 1])
        #expect(throws: RedisError.self) { try days[0].get() }
        #expect(try days[1].get() == [DailyOutcomes(errors: 1), DailyOutcomes()])
    }

    @Test func nothingToCountAsksNothing() throws {
        try server.command("CONFIG", "RESETSTAT")
        let failureCounts = FailureCounts(connection: try server.connection())

        #expect(try failureCounts.record([]).isEmpty)
        #expect(try failureCounts.days(of: [], upTo: midnight).isEmpty)
        #expect(try !server.command("INFO", "commandstats").contains("hincrby"))
    }
}
