import Buffer
import Directory
import Model
import System
import TestSupport
import Testing

@testable import Handlers

/// Cached responses and the directory's cache.
@Suite
struct ResponseCacheDirectoryTests {
    private static let path = "pub-app/requests/"
    private static let audit = AuditEntry.Draft(
        organizationID: 1, event: 1, actorLabel: "me", date: HandlersFixture.now)

    /// Rows of both organizations, with an error that has a link.
    private var fixture = HandlersFixture()
    private let clock = Lock(HandlersFixture.now)
    private let changes = DirectoryChanges()

    init() {
        let clock = clock
        fixture.clock = WallClock { clock.withLock { $0 } }
        fixture.store(200)
        fixture.store(200, organization: HandlersFixture.globex)
        fixture.store(500, fields: #","error_id":"\#(HandlersFixture.eventID)","project_id":"5""#)
    }

    /// One thread's directory.
    private func cachedDirectory() -> CachedDirectory {
        fixture.cachedDirectory(secondsToLive: 5, changes: changes)
    }

    /// The response without the response cache.
    private func uncached(_ directory: any DeliveryDirectory & AppListing) -> String {
        Service(dependencies: fixture.dependencies(directory: directory)).respond(to: Request(reading: Self.path)).wire
    }

    private func move(microseconds: Int64) {
        clock.withLock { $0.microseconds += microseconds }
    }

    @Test func aResponseExpiresWithTheFirstRowOfTheDirectoryThatItShows() throws {
        let directory = cachedDirectory()
        let caching = CachingService(fixture, directory: directory)
        _ = try directory.organization(id: HandlersFixture.globex)
        move(microseconds: 2_000_000)
        _ = caching.get(Self.path)
        let before = caching.get(Self.path).text
        var rows = fixture.directory
        rows.organizations[1].slug = "renamed"

        move(microseconds: 2_999_999)
        #expect(caching.get(Self.path).text == before)
        #expect(caching.counts.misses == 1)
        move(microseconds: 1)

        #expect(caching.get(Self.path).text.contains("renamed"))
        #expect(caching.counts.misses == 2)
    }

    @Test func aResponseThatShowsNothingOfTheDirectoryOutlivesItsRows() {
        let caching = CachingService(fixture, directory: cachedDirectory())
        _ = caching.get("pub-app/health/")

        move(microseconds: 3_600_000_000)
        _ = caching.get("pub-app/health/")

        #expect(caching.counts.hits == 1)
    }

    @Test func aChangeByThisProcessIsSeenAtOnceWhicheverThreadMadeIt() throws {
        let caching = CachingService(fixture, directory: cachedDirectory())
        for _ in 0..<3 { _ = caching.get(Self.path) }
        var rows = fixture.directory
        rows.organizations[1].slug = "renamed"
        let other = cachedDirectory()

        _ = try other.enable(appID: 99, audit: Self.audit)

        #expect(caching.get(Self.path).text.contains("renamed"))
    }

    @Test func aChangeByThisProcessWhileAResponseIsMadeInvalidatesIt() throws {
        let log = DisturbedLog(fixture.log)
        let directory = cachedDirectory()
        _ = try directory.organization(id: HandlersFixture.globex)
        let caching = CachingService(fixture, requestLog: log, directory: directory)
        let (rows, other) = (Lock(fixture.directory), cachedDirectory())
        log.afterRead = {
            rows.withLock { $0.organizations[1].slug = "renamed" }
            _ = try? other.enable(appID: 99, audit: Self.audit)
        }
        _ = caching.get(Self.path)
        log.afterRead = {}

        _ = caching.get(Self.path)

        #expect(caching.counts.hits == 0)
        #expect(caching.get(Self.path).text.contains("renamed"))
    }

    @Test func aResponseOfAThreadIsServedByTheOthersUntilItsRowsExpire() {
        let first = CachingService(fixture, directory: cachedDirectory())
        let before = first.get(Self.path).text
        var rows = fixture.directory
        rows.organizations[1].slug = "renamed"
        move(microseconds: 4_000_000)
        let second = CachingService(fixture, store: first.store, directory: cachedDirectory())

        #expect(second.get(Self.path).text == before)
        move(microseconds: 1_000_000)
        #expect(second.get(Self.path).text.contains("renamed"))
    }

    @Test func nothingIsCachedWhenTheDirectoryIsNot() {
        for directory in [fixture.cachedDirectory(secondsToLive: 0), fixture.directory] as [any Directory] {
            let caching = CachingService(fixture, directory: directory)
            for _ in 0..<2 { _ = caching.get(Self.path) }
            #expect(caching.counts.misses == 2 && caching.counts.entries == 0 && caching.tracking.watchCount == 0)
        }
    }

    private typealias Directory = DeliveryDirectory & AppListing

    @Test func aResponseThatAnotherThreadMadeDuringTheBarrierIsServedInsteadOfTheReplacedOne() {
        let first = CachingService(fixture)
        let store = first.store
        _ = first.get(Self.path)
        // Used by this thread only: `get` calls the closure.
        nonisolated(unsafe) let other = (fixture: fixture, service: CachingService(fixture, store: store))
        first.tracking.duringBarrier = {
            other.fixture.store(404)
            store.invalidate(.everything)
            _ = other.service.get(Self.path)
        }

        let response = first.get(Self.path)

        #expect(response.json?.elements.count == 4)
        #expect(first.counts.hits == 1 && first.counts.misses == 2)
    }

    @Test func onOneThreadACachedResponseEqualsOneMadeWithoutTheCache() throws {
        var (hits, random) = (0, SeededGenerator(seed: 17))
        for _ in 0..<30 {
            let directories = (0..<2).map { _ in cachedDirectory() }
            let caching = CachingService(fixture, directory: directories[0])
            for step in 0..<200 {
                try disturb(directories, step, &random)

                let response = caching.get(Self.path).wire
                #expect(response == uncached(directories[0]))
            }
            hits += caching.counts.hits
        }
        #expect(hits > 3000, "only \(hits) hits")
    }

    @Test func onManyThreadsNoResponseShowsWhatTheDirectoryHasNotSaidForFiveSeconds() throws {
        var (hits, random) = (0, SeededGenerator(seed: 18))
        for _ in 0..<30 {
            let store = CachedResponseStore(byteLimit: 1 << 20)
            let services = (0..<3).map { _ in CachingService(fixture, store: store, directory: cachedDirectory()) }
            var rows = fixture.directory
            // The slugs with the moment from which on they are outdated.
            var slugs: [(slug: String, end: Timestamp)] = []
            for step in 0..<200 {
                if Int.random(in: 0..<10, using: &random) == 0 {
                    slugs.append((rows.organizations[1].slug, fixture.clock.now()))
                    rows.organizations[1].slug = "g\(step)-"
                }
                move(microseconds: [0, 0, 10_000, 2_000_000].randomElement(using: &random) ?? 0)

                let text = services.randomElement(using: &random)?.get(Self.path).text ?? ""

                let earliest = Timestamp(microseconds: fixture.clock.now().microseconds - 5_000_000)
                let valid = slugs.filter { $0.end > earliest }.map(\.slug) + [rows.organizations[1].slug]
                #expect(valid.contains { text.contains(#""slug":"\#($0)""#) }, "\(valid) \(text)")
            }
            hits += store.counts(isTracking: true).hits
        }
        #expect(hits > 3000, "only \(hits) hits")
    }

    /// Sometimes changes rows from outside, or as one of the threads, or lets time pass.
    private func disturb(
        _ directories: [CachedDirectory], _ step: Int, _ random: inout SeededGenerator
    ) throws {
        var rows = fixture.directory
        switch Int.random(in: 0..<30, using: &random) {
        case 0: rows.organizations[0].name = "A\(step)"
        case 1: rows.organizations[1].slug = "g\(step)"
        case 2:
            rows.projects[0].organizationID =
                [HandlersFixture.acme, HandlersFixture.globex].randomElement(using: &random) ?? 0
        case 3: rows.issueEvents[0].groupID = Int64(step)
        case 4:
            _ = try directories.randomElement(using: &random)?.enable(appID: 99, audit: Self.audit)
        case 5...6: move(microseconds: Int64.random(in: 0...4_000_000, using: &random))
        case 7: move(microseconds: Int64.random(in: -2_000_000...0, using: &random))
        default: break
        }
    }
}
