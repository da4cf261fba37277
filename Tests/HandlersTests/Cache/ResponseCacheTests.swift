import Buffer
import Model
import Redis
import TestSupport
import Testing

@testable import Handlers

/// Answers kept for the next request.
@Suite
struct AnswerCacheTests {
    private static let paths = ["pub-app/requests/", "pub-app/webhook-requests/", "pub-app/health/"]
    private static let change = ListChange.list(
        WebhookRequestKey(appID: 10, event: "issue.assigned", isErrors: false))

    @Test(arguments: paths)
    func theSecondOfTwoEqualRequestsReadsNothingAndIsAnsweredTheSame(path: String) {
        let world = HandlersFixture()
        world.store(200)
        world.store(500)
        let caching = CachingService(world)
        let plain = world.get(path).wire

        #expect(caching.get(path).wire == plain)
        let reads = world.log.queries.count
        #expect(caching.get(path).wire == plain)

        #expect(world.log.queries.count == reads)
        #expect(caching.counts.hits == 1 && caching.counts.misses == 1 && caching.counts.entries == 1)
    }

    @Test(arguments: paths)
    func aChangeIsSeenByTheNextRequest(path: String) {
        let world = HandlersFixture()
        world.store(200)
        let caching = CachingService(world)
        let before = caching.get(path).text
        world.store(200, date: "2023-07-20 11:30:00.250000+00:00")
        caching.tracking.add(Self.change)

        let after = caching.get(path)

        #expect(after.text != before)
        #expect(after.wire == world.get(path).wire)
        #expect(caching.counts.invalidations == 1 && caching.counts.hits == 0)
    }

    @Test func aChangeOfAnotherAppOfAnotherEventOrOfTheErrorsAloneLeavesAnAnswerAsItIs() {
        let world = HandlersFixture()
        world.store(200)
        let caching = CachingService(world)
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
    func aChangeThatBecomesKnownWhileTheListsAreReadKeepsTheAnswerFromBeingKept(path: String) {
        let world = HandlersFixture()
        world.store(200)
        for isBefore in [true, false] {
            let log = DisturbedLog(world.log)
            let caching = CachingService(world, requestLog: log)
            let disturb = {
                // Another thread's look.
                caching.tracking.add(Self.change)
                _ = caching.tracking.catchUp()
            }
            if isBefore { log.beforeRead = disturb } else { log.afterRead = disturb }

            _ = caching.get(path)

            #expect(caching.counts.entries == 0)
            (log.beforeRead, log.afterRead) = ({}, {})
            _ = caching.get(path)
            #expect(caching.counts.entries == 1)
        }
    }

    @Test func aChangeAfterReadingThatIsNotKnownYetKeepsTheAnswerFromBeingGiven() {
        let world = HandlersFixture()
        let log = DisturbedLog(world.log)
        let caching = CachingService(world, requestLog: log)
        log.afterRead = {
            world.store(404)
            caching.tracking.add(Self.change)
        }
        #expect(caching.get("pub-app/requests/").text == "[]")
        log.afterRead = {}
        #expect(caching.get("pub-app/requests/").json?.elements.count == 1)
    }

    @Test func withoutAWordFromRedisNothingIsGivenAndNothingKept() {
        let world = HandlersFixture()
        let caching = CachingService(world)
        _ = caching.get("pub-app/requests/")
        caching.tracking.isConnected = false
        world.store(200)

        #expect(caching.get("pub-app/requests/").json?.elements.count == 1)
        #expect(caching.counts.entries == 0 && !caching.counts.isTracking)
        #expect(caching.get("pub-app/requests/").json?.elements.count == 1)
        caching.tracking.isConnected = true
        _ = caching.get("pub-app/requests/")
        #expect(caching.counts.entries == 1)
    }

    @Test func anAnswerLivesNoLongerThanItsLease() {
        let world = HandlersFixture()
        let caching = CachingService(world)
        caching.tracking.lease = .zero
        _ = caching.get("pub-app/requests/")
        _ = caching.get("pub-app/requests/")
        #expect(caching.counts.hits == 0 && caching.counts.misses == 2)
        #expect(caching.tracking.lookCount == 0, "Redis was asked about an answer that was over")
    }

    @Test func failuresAreNotKept() {
        let world = HandlersFixture()
        let caching = CachingService(world)
        world.log.failure = .timedOut(server: "x", milliseconds: 1)
        #expect(caching.get("pub-app/requests/").status == 503)
        world.log.failure = nil
        #expect(caching.get("pub-app/requests/").status == 200)
        #expect(caching.get("pub-app/requests/", "eventType=none").status == 400)
        #expect(caching.counts.entries == 1)
    }

    @Test func aKeptAnswerOpensNoDoor() {
        let world = HandlersFixture()
        world.store(200)
        let caching = CachingService(world)
        #expect(caching.get("pub-app/requests/").status == 200)
        #expect(caching.get("pub-app/requests/", as: HandlersFixture.outsider).status == 403)
        #expect(caching.get("pub-app/requests/", as: nil).status == 401)
        #expect(caching.counts.hits == 0)
        #expect(caching.get("pub-app/requests/", as: HandlersFixture.superuser).status == 200)
        #expect(caching.counts.hits == 1)
    }

    @Test func aRenamedOrganizationIsSeenAtOnceAndSoIsWhatAnErrorsLinkLeadsTo() {
        var world = HandlersFixture()
        world.store(500, fields: #","error_id":"\#(HandlersFixture.eventID)","project_id":"5""#)
        let caching = CachingService(world)
        let path = "pub-app/requests/"
        _ = caching.get(path)
        let changes: [(inout MemoryDirectory) -> Void] = [
            { $0.organizations[0].name = "Acme Two" },
            { $0.organizations[0].slug = "acme-two" },
            // The same character in another spelling.
            { $0.organizations[0].name = "U\u{308}" },
            { $0.organizations[0].name = "\u{DC}" },
            { $0.issueEvents[0].groupID = 99 },
            { $0.projects[0].organizationID = HandlersFixture.globex },
            { $0.projects.removeAll() },
            { $0.organizations.removeFirst() },
        ]
        for change in changes {
            change(&world.directory)
            let later = CachingService(world, store: caching.store)
            #expect(later.get(path).wire == world.get(path).wire)
            _ = later.get(path)
        }
        #expect(caching.counts.hits == changes.count)
    }

    @Test func aTagIsTheSameFromMemoryAndARequestThatNamesItHasNoBody() throws {
        let world = HandlersFixture()
        world.store(200)
        let caching = CachingService(world)
        for path in ["pub-app/webhook-requests/", "pub-app/health/"] {
            let first = caching.get(path)
            let tag = try #require(first.header("ETag"))
            #expect(caching.get(path).header("ETag") == tag)
            let second = caching.service.respond(to: Request(reading: path, ifNoneMatch: tag))
            #expect(second.status == 304 && second.body.isEmpty)
            let request = Request(reading: path, accept: "application/json; indent=4", ifNoneMatch: tag)
            let indented = caching.service.respond(to: request)
            #expect(indented.status == 200 && indented.header("ETag") != tag)
            #expect(indented.wire == world.send(request).wire)
        }
        #expect(caching.counts.misses == 2 && caching.counts.hits == 6)
    }

    @Test func anAnswerSharesItsMemoryWithWhatIsKept() {
        let world = HandlersFixture()
        for _ in 0..<50 { world.store(200) }
        let caching = CachingService(world)
        func address(_ response: Response) -> Int {
            response.body.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
        }
        let path = "pub-app/requests/"
        _ = caching.get(path)
        let (first, second) = (caching.get(path), caching.get(path))
        #expect(address(first) == address(second))
    }
}
