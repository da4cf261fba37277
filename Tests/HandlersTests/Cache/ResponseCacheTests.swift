import Buffer
import Directory
import Model
import Redis
import System
import TestSupport
import Testing

@testable import Handlers

/// Responses cached for the next request.
@Suite
struct ResponseCacheTests {
    private static let paths = ["pub-app/requests/", "pub-app/webhook-requests/", "pub-app/health/"]
    private static let change = ListChange.list(
        WebhookRequestKey(appID: 10, event: "issue.assigned", isErrors: false))

    @Test(arguments: paths)
    func theSecondOfTwoEqualRequestsReadsNothingAndGetsTheSameResponse(path: String) {
        let fixture = HandlersFixture()
        fixture.store(200)
        fixture.store(500)
        let caching = CachingService(fixture)
        let plain = fixture.get(path).wire

        #expect(caching.get(path).wire == plain)
        let reads = fixture.log.queries.count
        #expect(caching.get(path).wire == plain)

        #expect(fixture.log.queries.count == reads)
        #expect(caching.counts.hits == 1 && caching.counts.misses == 1 && caching.counts.entries == 1)
    }

    @Test(arguments: paths)
    func aChangeIsSeenByTheNextRequest(path: String) {
        let fixture = HandlersFixture()
        fixture.store(200)
        let caching = CachingService(fixture)
        let before = caching.get(path).text
        fixture.store(200, date: "2023-07-20 11:30:00.250000+00:00")
        caching.tracking.add(Self.change)

        let after = caching.get(path)

        #expect(after.text != before)
        #expect(after.wire == fixture.get(path).wire)
        #expect(caching.counts.invalidations == 1 && caching.counts.hits == 0)
    }

    @Test func responsesWithAndWithoutBodiesAreNotMixedUp() {
        let fixture = HandlersFixture()
        fixture.store(500)
        let caching = CachingService(fixture)

        let plain = caching.get("pub-app/webhook-requests/").text
        let expanded = caching.get("pub-app/webhook-requests/", "expand=bodies").text

        #expect(!plain.contains("requestBody") && expanded.contains("requestBody"))
        #expect(caching.get("pub-app/webhook-requests/").text == plain)
    }

    /// Under `auto` an upgrade of the original changes the form of responses.
    @Test func aResponseByFormerRulesIsNotUsed() throws {
        let fixture = HandlersFixture()
        fixture.store(200)
        let caching = CachingService(fixture, protocolSettings: ProtocolSettings(.auto))
        try fixture.directory.becomeTables(of: ProtocolRelease(24, 3)...ProtocolRelease(26, 4))
        _ = caching.get("pub-app/webhook-requests/")

        try fixture.directory.becomeTables(of: ProtocolRelease(26, 5)...ProtocolRelease(26, 6))
        _ = caching.get("pub-app/webhook-requests/")

        #expect(caching.counts.hits == 0 && caching.counts.misses == 2)
    }

    @Test func aChangeOfAnotherListInvalidatesNothing() {
        let fixture = HandlersFixture()
        fixture.store(200)
        let caching = CachingService(fixture)
        let path = "pub-app/requests/"
        let query = "eventType=issue.assigned"
        _ = caching.get(path, query)
        for list in [
            WebhookRequestKey(appID: 11, event: "issue.assigned", isErrors: false),
            WebhookRequestKey(appID: 10, event: "issue.created", isErrors: false),
            WebhookRequestKey(appID: 10, event: "issue.assigned", isErrors: true),
        ] {
            caching.tracking.add(.list(list))
        }
        _ = caching.get(path, query)
        #expect(caching.counts.hits == 1)
    }

    @Test(arguments: paths)
    func aResponseIsNotCachedWhenAChangeIsReportedWhileItsListsAreRead(path: String) {
        let fixture = HandlersFixture()
        fixture.store(200)
        for isBefore in [true, false] {
            let log = DisturbedLog(fixture.log)
            let caching = CachingService(fixture, requestLog: log)
            let disturb = {
                // Another thread's barrier.
                caching.tracking.add(Self.change)
                _ = caching.tracking.reportChanges(of: WebhookRequestQuery(appID: 10, events: ["issue.assigned"]))
            }
            if isBefore { log.beforeRead = disturb } else { log.afterRead = disturb }

            _ = caching.get(path)

            #expect(caching.counts.entries == 0)
            (log.beforeRead, log.afterRead) = ({}, {})
            _ = caching.get(path)
            #expect(caching.counts.entries == 1)
        }
    }

    @Test func aChangeAfterReadingThatIsReportedLaterInvalidatesTheResponse() {
        let fixture = HandlersFixture()
        let log = DisturbedLog(fixture.log)
        let caching = CachingService(fixture, requestLog: log)
        log.afterRead = {
            fixture.store(404)
            caching.tracking.add(Self.change)
        }
        #expect(caching.get("pub-app/requests/").text == "[]")
        log.afterRead = {}
        #expect(caching.get("pub-app/requests/").json?.elements.count == 1)
    }

    @Test func withoutTrackingNothingIsServedFromTheCacheAndNothingStored() {
        let fixture = HandlersFixture()
        let caching = CachingService(fixture)
        _ = caching.get("pub-app/requests/")
        caching.tracking.isConnected = false
        fixture.store(200)

        #expect(caching.get("pub-app/requests/").json?.elements.count == 1)
        #expect(caching.counts.entries == 0 && !caching.counts.isTracking)
        #expect(caching.get("pub-app/requests/").json?.elements.count == 1)
        caching.tracking.isConnected = true
        _ = caching.get("pub-app/requests/")
        #expect(caching.counts.entries == 1)
    }

    @Test func aResponseExpiresWithItsLease() {
        let fixture = HandlersFixture()
        let caching = CachingService(fixture)
        caching.tracking.lease = .zero
        _ = caching.get("pub-app/requests/")
        _ = caching.get("pub-app/requests/")
        #expect(caching.counts.hits == 0 && caching.counts.misses == 2)
        #expect(caching.tracking.barrierCount == 0, "a barrier for an expired response")
    }

    @Test func failuresAreNotCached() {
        let fixture = HandlersFixture()
        let caching = CachingService(fixture)
        fixture.log.failure = .timedOut(server: "x", milliseconds: 1)
        #expect(caching.get("pub-app/requests/").status == 503)
        fixture.log.failure = nil
        #expect(caching.get("pub-app/requests/").status == 200)
        #expect(caching.get("pub-app/requests/", "eventType=none").status == 400)
        #expect(caching.counts.entries == 1)
    }

    @Test func aCachedResponseIsServedToAuthorizedCallersOnly() {
        let fixture = HandlersFixture()
        fixture.store(200)
        let caching = CachingService(fixture)
        #expect(caching.get("pub-app/requests/").status == 200)
        #expect(caching.get("pub-app/requests/", as: HandlersFixture.outsider).status == 403)
        #expect(caching.get("pub-app/requests/", as: nil).status == 401)
        #expect(caching.counts.hits == 0)
        #expect(caching.get("pub-app/requests/", as: HandlersFixture.superuser).status == 200)
        #expect(caching.counts.hits == 1)
    }

    @Test func aCallerWhoLosesTheRightIsRefusedAsSoonAsTheDirectoryCacheExpires() {
        var fixture = HandlersFixture()
        let clock = Lock(HandlersFixture.now)
        fixture.clock = WallClock { clock.withLock { $0 } }
        fixture.store(200)
        let caching = CachingService(fixture, directory: fixture.cachedDirectory(secondsToLive: 5))
        for _ in 0..<2 { #expect(caching.get("pub-app/health/").status == 200) }
        fixture.directory.memberships.removeAll()

        clock.withLock { $0 = $0.adding(seconds: 5) }

        #expect(caching.get("pub-app/health/").status == 403)
        #expect(caching.counts.hits == 1 && caching.counts.entries == 1)
    }

    @Test func theTagOfACachedResponseIsTheSameAndAMatchingRequestGets304() throws {
        let fixture = HandlersFixture()
        fixture.store(200)
        let caching = CachingService(fixture)
        for path in ["pub-app/webhook-requests/", "pub-app/health/"] {
            let first = caching.get(path)
            let tag = try #require(first.header("ETag"))
            #expect(caching.get(path).header("ETag") == tag)
            let second = caching.service.respond(to: Request(reading: path, ifNoneMatch: tag))
            #expect(second.status == 304 && second.body.isEmpty)
            let request = Request(reading: path, accept: "application/json; indent=4", ifNoneMatch: tag)
            let indented = caching.service.respond(to: request)
            #expect(indented.status == 200 && indented.header("ETag") != tag)
            #expect(indented.wire == fixture.send(request).wire)
        }
        #expect(caching.counts.misses == 2 && caching.counts.hits == 6)
    }

    @Test func aResponseSharesItsBufferWithTheCache() {
        let fixture = HandlersFixture()
        for _ in 0..<50 { fixture.store(200) }
        let caching = CachingService(fixture)
        func address(_ response: Response) -> Int {
            response.body.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
        }
        let path = "pub-app/requests/"
        _ = caching.get(path)
        let (first, second) = (caching.get(path), caching.get(path))
        #expect(address(first) == address(second))
    }

    @Test(arguments: try Golden.all())
    func everyRecordedQueryHasTheSameResponseWithAndWithoutTheCache(golden: Golden) throws {
        let directory = try MemoryDirectory(golden: golden.directory)
        var hits = 0
        for scenario in golden.cases where scenario.kind == "requests" {
            let store = CachedResponseStore(byteLimit: 8 << 20)
            let now = try #require(scenario.now.flatMap { Timestamp(parsing: $0) })
            var dependencies = Dependencies(
                directory: CachedDirectory(directory, clock: .frozen(at: now)),
                requestLog: MemoryRequestLog(golden: scenario.redis),
                interactions: MemoryInteractionCounter(), queue: MemoryEventQueue(), payloads: MemoryPayloads(),
                clock: .frozen(at: now))
            let plain = Service(dependencies: dependencies)
            dependencies.responseCache = ResponseCache(
                store: store, tracking: TimedTracking(ManualTracking { store.invalidate($0) }),
                directory: dependencies.directory)
            let caching = Service(dependencies: dependencies)
            // All of them before any a second time: one query's response must not be served for another.
            for _ in 0..<2 {
                for query in scenario.queries {
                    let request = Request(golden: query, in: golden)
                    #expect(caching.respond(to: request).wire == plain.respond(to: request).wire, "\(scenario)")
                }
            }
            hits += store.counts(isTracking: true).hits
        }
        #expect(hits > 0)
    }
}
