import Buffer
import Directory
import Model
import System
import TestSupport
import Testing

@testable import Handlers

/// Kept answers and the directory's memory.
@Suite
struct AnswerDirectoryTests {
    private static let path = "pub-app/requests/"
    private static let audit = AuditEntry.Draft(
        organizationID: 1, event: 1, actorLabel: "me", date: HandlersFixture.now)

    /// Rows of both organizations, with an error that has a link.
    private var world = HandlersFixture()
    private let clock = Lock(HandlersFixture.now)
    private let changes = DirectoryChanges()

    init() {
        let clock = clock
        world.clock = WallClock { clock.withLock { $0 } }
        world.store(200)
        world.store(200, organization: HandlersFixture.globex)
        world.store(500, fields: #","error_id":"\#(HandlersFixture.eventID)","project_id":"5""#)
    }

    /// One thread's.
    private func remembering(entryLimit: Int = 100) -> CachedDirectory<MemoryDirectory> {
        CachedDirectory(
            world.directory, limits: .init(secondsToLive: 5, entryLimit: entryLimit), clock: world.clock,
            changes: changes)
    }

    /// The answer that is made anew with what the directory remembers.
    private func anew(_ directory: any DeliveryDirectory & AppListing) -> String {
        Service(dependencies: world.dependencies(directory: directory)).respond(to: Request(reading: Self.path)).wire
    }

    private func move(microseconds: Int64) {
        clock.withLock { $0.microseconds += microseconds }
    }

    @Test func theDirectoryIsAskedAboutAnAnswerOnceInAnEpochAndEachTimeWhereItKnowsNone() {
        let counting = CountingDirectory(world.directory)
        let caching = CachingService(world, directory: counting)
        func lookUps(_ epoch: Int?) -> Int {
            counting.epoch = epoch
            let before = counting.questions["organization 1", default: 0]
            #expect(caching.get(Self.path).status == 200)
            return counting.questions["organization 1", default: 0] - before
        }
        // Made, for the rows and the link; compared; known to be the same.
        #expect([1, 1, 1, 1, 2, 2, 1].map { lookUps($0) } == [2, 2, 0, 0, 2, 0, 2])
        #expect([nil, nil, 1].map { lookUps($0) } == [2, 2, 0])
        #expect(caching.counts.misses == 1)
    }

    @Test func anAnswerOfAThreadThatHasComparedItIsComparedByTheOthersAsWell() {
        let first = CachingService(world, directory: remembering())
        _ = first.get(Self.path)
        _ = first.get(Self.path)
        var directory = world.directory
        directory.organizations[0].name = "Renamed"
        // This one has remembered nothing yet, and its epochs have the same numbers.
        let second = remembering()

        let answer = CachingService(world, store: first.store, directory: second).get(Self.path)

        #expect(answer.text.contains("Renamed"))
        #expect(answer.wire == anew(second))
    }

    @Test func whatAnotherProcessChangesShowsWhenTheSecondsOfTheMemoryAreOverAndNotBefore() {
        let directory = remembering()
        let caching = CachingService(world, directory: directory)
        _ = caching.get(Self.path)
        let before = caching.get(Self.path).text
        var rows = world.directory
        rows.organizations[1].slug = "renamed"

        move(microseconds: 4_999_999)
        #expect(caching.get(Self.path).text == before)
        #expect(caching.counts.misses == 1)
        move(microseconds: 1)

        #expect(caching.get(Self.path).text.contains("renamed"))
        #expect(caching.counts.misses == 2)
    }

    @Test func whatThisProcessChangesShowsAtOnceWhicheverThreadDidIt() throws {
        let caching = CachingService(world, directory: remembering())
        for _ in 0..<3 { _ = caching.get(Self.path) }
        var rows = world.directory
        rows.organizations[1].slug = "renamed"
        let other = remembering()

        _ = try other.enable(appID: 99, audit: Self.audit)

        #expect(caching.get(Self.path).text.contains("renamed"))
    }

    @Test func whatTheMemoryHasNoRoomForIsLookedUpAgainBeforeItsSecondsAreOver() throws {
        let directory = remembering(entryLimit: 4)
        let caching = CachingService(world, directory: directory)
        for _ in 0..<3 { _ = caching.get(Self.path) }
        var rows = world.directory
        rows.organizations[1].slug = "renamed"

        for id: Int64 in 3..<7 { #expect(try directory.organization(id: id) == nil) }

        #expect(caching.get(Self.path).text.contains("renamed"))
    }

    @Test func anAnswerThatAnotherThreadHasMadeWhileRedisWasAskedIsGivenAndNotTheOneItReplaced() {
        let first = CachingService(world)
        let store = first.store
        _ = first.get(Self.path)
        let other = Lock<(world: HandlersFixture, service: CachingService)?>(nil)
        other.withLock { $0 = (world, CachingService(world, store: store)) }
        first.tracking.whileLooking = {
            other.withLock { other in
                other?.world.store(404)
                store.forget(.everything)
                _ = other?.service.get(Self.path)
            }
        }

        let answer = first.get(Self.path)

        #expect(answer.json?.elements.count == 4)
        #expect(first.counts.hits == 1 && first.counts.misses == 2)
    }

    @Test func whateverHappensToTheDirectoryAndItsMemoryAnAnswerIsTheOneThatWouldBeMadeAnew() throws {
        var (hits, random) = (0, SeededGenerator(seed: 17))
        for _ in 0..<30 {
            // Room for all: looking up what has no room pushes out what was looked up just before.
            let directories = (0..<3).map { _ in remembering() }
            let store = CachedResponseStore(byteLimit: 1 << 20)
            let services = directories.map { CachingService(world, store: store, directory: $0) }
            for step in 0..<200 {
                let thread = Int.random(in: 0..<3, using: &random)
                try disturb(directories, step, &random)

                let answer = services[thread].get(Self.path).wire
                #expect(answer == anew(directories[thread]))
            }
            hits += store.counts(isTracking: true).hits
        }
        #expect(hits > 3000, "\(hits) hits say little")
    }

    /// Sometimes changes rows from outside, or as one of the threads, or lets time pass.
    private func disturb(
        _ directories: [CachedDirectory<MemoryDirectory>], _ step: Int, _ random: inout SeededGenerator
    ) throws {
        var rows = world.directory
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
