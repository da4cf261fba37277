import Foundation
import Model
import Queue
import Redis
import TestSupport
import Testing

/// An integration's outcomes are counted as the original counts them.
@Suite
struct FailureCountTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private let integration = FailureCountKey(appID: 31, organizationID: 4)
    /// 2024-03-01 00:00:00 UTC: the day before is a leap day.
    private let midnight = Timestamp(seconds: 1_709_251_200)

    @Test func countsAreStoredWhereTheOriginalReadsThem() throws {
        let failureCounts = FailureCounts(connection: try server.connection())

        for outcome in [FailureKind.success, .error, .error, .timeout] {
            try failureCounts.record(outcome, of: integration, at: midnight)
        }

        let key = "sentry-app-error:31:4:2024-03-01"
        let fields = try server.command("HGETALL", key)
        #expect(
            fields == "*6\r\n$13\r\nsuccess_count\r\n$1\r\n1\r\n$11\r\nerror_count\r\n$1\r\n2\r\n"
                + "$13\r\ntimeout_count\r\n$1\r\n1\r\n")
        let ttl = try server.integer("TTL", key)
        #expect((691_200 - 60...691_200).contains(ttl))
        #expect(try server.integer("DBSIZE") == 1)
    }

    @Test func aDayEndsAtMidnightUTC() throws {
        let failureCounts = FailureCounts(connection: try server.connection(), lifetimeSeconds: 100)

        try failureCounts.record(.error, of: integration, at: Timestamp(microseconds: midnight.microseconds - 1))
        try failureCounts.record(.success, of: integration, at: midnight)

        let keys = try server.command("KEYS", "*")
        #expect(keys.contains("sentry-app-error:31:4:2024-02-29\r\n"))
        #expect(keys.contains("sentry-app-error:31:4:2024-03-01\r\n"))
        let ttl = try server.integer("TTL", "sentry-app-error:31:4:2024-02-29")
        #expect((40...100).contains(ttl))
    }

    @Test func todayIsTheFirstOfTheDaysAndEmptyDaysAreIncluded() throws {
        let failureCounts = FailureCounts(connection: try server.connection())
        try failureCounts.record(.timeout, of: integration, at: midnight)
        try server.command("HSET", "sentry-app-error:31:4:2024-02-27", "fatal_count", "3", "success_count", "x")
        try server.command("HSET", "sentry-app-error:31:4:2024-02-23", "error_count", "1")
        try server.command("HSET", "sentry-app-error:31:5:2024-02-29", "error_count", "1")

        let days = try failureCounts.days(of: integration, upTo: midnight.adding(seconds: 86399), count: 7)

        let empty = DailyOutcomes()
        #expect(
            days == [
                DailyOutcomes(timeouts: 1), empty, empty, DailyOutcomes(fatals: 3), empty, empty, empty,
            ])
    }

    @Test func clearingDeletesThirtyDaysOfOneApp() throws {
        let failureCounts = FailureCounts(connection: try server.connection())
        for day in [0, 29, 30] {
            try failureCounts.record(.error, of: integration, at: midnight.adding(seconds: -86400 * Int64(day)))
        }
        try failureCounts.record(.error, of: FailureCountKey(appID: 3, organizationID: 14), at: midnight)

        try failureCounts.clear(integration, at: midnight)

        let days = try failureCounts.days(of: integration, upTo: midnight, count: 31)
        #expect(days.map(\.errors) == [Int](repeating: 0, count: 30) + [1])
        #expect(try server.integer("DBSIZE") == 2)
    }

    @Test func countsOfManyWritersAddUp() throws {
        let integration = integration
        let midnight = midnight
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            guard let connection = try? server.connection() else { return }
            let failureCounts = FailureCounts(connection: connection)
            for _ in 0..<50 { try? failureCounts.record(.error, of: integration, at: midnight) }
        }

        let failureCounts = FailureCounts(connection: try server.connection())
        let days = try failureCounts.days(of: integration, upTo: midnight, count: 1)

        #expect(days == [DailyOutcomes(errors: 200)])
    }

    @Test func aRefusalIsAnErrorThatNamesTheKey() throws {
        let failureCounts = FailureCounts(connection: try server.connection())
        let key = "sentry-app-error:31:4:2024-03-01"
        try server.command("SET", key, "text")

        let writeError = #expect(throws: RedisError.self) {
            try failureCounts.record(.error, of: integration, at: midnight)
        }
        let readError = #expect(throws: RedisError.self) {
            try failureCounts.days(of: integration, upTo: midnight)
        }

        for error in [writeError, readError] {
            guard case .refused(key, let message)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(message.hasPrefix("WRONGTYPE"))
        }
    }
}
