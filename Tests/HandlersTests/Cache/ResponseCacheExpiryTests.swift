import Buffer
import Directory
import Model
import System
import TestSupport
import Testing

@testable import Handlers

/// Cached responses and the clock.
@Suite
struct ResponseCacheExpiryTests {
    private static let paths = ["pub-app/requests/", "pub-app/webhook-requests/", "pub-app/health/"]
    private static let day: Int64 = 86_400

    @Test func asTimePassesACachedResponseEqualsOneMadeWithoutTheCache() {
        var random = SeededGenerator(seed: 11)
        var hits = 0
        for _ in 0..<60 {
            var fixture = HandlersFixture()
            let clock = Lock(HandlersFixture.now)
            fixture.clock = WallClock { clock.withLock { $0 } }
            addRows(to: fixture, &random)
            let caching = CachingService(fixture, byteLimit: 1 << 22)
            for _ in 0..<60 {
                let path = Self.paths.randomElement(using: &random) ?? ""
                let query = query(for: path, at: clock.withLock { $0 }, &random)
                let response = caching.get(path, query)
                let uncached = fixture.get(path, query)
                #expect(response.wire == uncached.wire, "\(path)?\(query)")
                let step = step(&random)
                clock.withLock { $0 = $0.adding(seconds: step / 2).adding(microseconds: step % 3) }
            }
            hits += caching.counts.hits
        }
        #expect(hits > 100, "only \(hits) hits")
    }

    @Test(arguments: [true, false])
    func aRowEntersTheRangeFiveMinutesEarlyAndLeavesItAfterThirtyDays(isFuture: Bool) {
        // A row is shown from five minutes before its time on.
        let microseconds: Int64 = isFuture ? 3_299_500_000 : 30 * Self.day * 1_000_000 - 3_600_500_000
        var fixture = HandlersFixture()
        let clock = Lock(HandlersFixture.now)
        fixture.clock = WallClock { clock.withLock { $0 } }
        fixture.store(
            200, date: isFuture ? "2023-07-20 13:00:00.000000+00:00" : "2023-07-20 11:00:00.000000+00:00")
        let caching = CachingService(fixture)
        let path = "pub-app/webhook-requests/"
        for difference: Int64 in [-2, -1, 0, 1, 2] {
            clock.withLock { $0 = HandlersFixture.now.adding(microseconds: microseconds + difference) }
            #expect(caching.get(path).wire == fixture.get(path).wire, "\(difference)")
        }
        clock.withLock { $0 = HandlersFixture.now.adding(microseconds: microseconds - 1) }
        let before = fixture.get(path).text
        clock.withLock { $0 = HandlersFixture.now.adding(microseconds: microseconds + 1) }
        #expect(before != fixture.get(path).text)
    }

    @Test func aResponseThatAnotherThreadMadeSinceTheRequestIsServed() {
        var fixture = HandlersFixture()
        let later = HandlersFixture.now.adding(microseconds: 5)
        let clock = Lock(later)
        let tracking = Lock<ManualTracking?>(nil)
        fixture.clock = WallClock {
            // Time passes during the barrier.
            (tracking.withLock { $0 }?.barrierCount ?? 0) > 0 ? later : clock.withLock { $0 }
        }
        let caching = CachingService(fixture)
        tracking.withLock { $0 = caching.tracking }
        _ = caching.get("pub-app/requests/")
        clock.withLock { $0 = HandlersFixture.now }
        _ = caching.get("pub-app/requests/")
        #expect(caching.tracking.barrierCount == 1)
        #expect(caching.counts.hits == 1 && caching.counts.misses == 1 && caching.counts.entries == 1)
    }

    @Test func anExpiredResponseCostsNoBarrier() {
        var fixture = HandlersFixture()
        let clock = Lock(HandlersFixture.now)
        fixture.clock = WallClock { clock.withLock { $0 } }
        fixture.store(200, date: "2023-07-20 11:00:00.000000+00:00")
        let caching = CachingService(fixture)
        let path = "pub-app/webhook-requests/"
        _ = caching.get(path)
        clock.withLock { $0 = HandlersFixture.now.adding(seconds: 31 * Self.day) }
        _ = caching.get(path)
        #expect(caching.counts.misses == 2 && caching.tracking.barrierCount == 0)
    }

    @Test func aResponseFromTheFutureIsNotServed() {
        var fixture = HandlersFixture()
        let clock = Lock(HandlersFixture.now)
        fixture.clock = WallClock { clock.withLock { $0 } }
        let caching = CachingService(fixture)
        _ = caching.get("pub-app/requests/")
        clock.withLock { $0 = HandlersFixture.now.adding(microseconds: -1) }
        _ = caching.get("pub-app/requests/")
        #expect(caching.counts.hits == 0 && caching.counts.misses == 2)
    }

    private func addRows(to fixture: HandlersFixture, _ random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 0..<30, using: &random) {
            let ages: [Int64] = [
                0, 1, 3600, Self.day, 7 * Self.day, 30 * Self.day, 30 * Self.day + 40, 29 * Self.day, -1, -30, -3600,
                -Self.day,
            ]
            let age = (ages.randomElement(using: &random) ?? 0) + Int64.random(in: -60...60, using: &random)
            let date = HandlersFixture.now.adding(seconds: -age).adding(
                microseconds: Int64.random(in: 0..<3, using: &random))
            fixture.store(
                Bool.random(using: &random) ? 200 : 500,
                event: ["issue.assigned", "installation.created"].randomElement(using: &random) ?? "",
                date: date.pythonDescription,
                organization: [nil, HandlersFixture.acme, HandlersFixture.globex].randomElement(using: &random) ?? nil)
        }
    }

    private func query(for path: String, at now: Timestamp, _ random: inout SeededGenerator) -> String {
        guard !path.contains("health") else { return "" }
        var parts = [
            "eventType=issue.assigned", "organizationSlug=acme", "organizationSlug=globex",
            path.contains("webhook") ? "errorsOnly=true" : "errorsOnly=1",
        ].filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
        if path.contains("webhook") {
            if Int.random(in: 0..<4, using: &random) == 0 { parts.append("per_page=2") }
            if Int.random(in: 0..<6, using: &random) == 0 { parts.append("start=2023-07-20T11:00:00Z") }
            if Int.random(in: 0..<6, using: &random) == 0 { parts.append("end=2023-07-20T12:00:30Z") }
        } else {
            if Int.random(in: 0..<6, using: &random) == 0 { parts.append("start=2023-07-20%2011:00:00") }
            if Int.random(in: 0..<6, using: &random) == 0 { parts.append("end=2023-07-20%2012:00:30") }
        }
        return parts.joined(separator: "&")
    }

    /// Mostly small, so that responses are served from the cache.
    private func step(_ random: inout SeededGenerator) -> Int64 {
        let steps: [Int64] = [0, 0, 0, 1, 2, 30, 61, 3600, Self.day, -5]
        return steps.randomElement(using: &random) ?? 0
    }
}

extension Timestamp {
    fileprivate func adding(microseconds: Int64) -> Timestamp {
        Timestamp(microseconds: self.microseconds + microseconds)
    }
}
