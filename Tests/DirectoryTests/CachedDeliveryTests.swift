import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct CachedDeliveryTests {
    private let memory: MemoryDirectory
    private let counting: CountingDirectory
    private let cached: CachedDirectory

    init() throws {
        memory = try #require(try DeliveryCase.memory.make().memory)
        counting = CountingDirectory(memory)
        cached = CachedDirectory(counting, clock: .frozen(at: Timestamp(seconds: 1000)))
    }

    @Test func whatDeliveryLooksUpIsCachedAndSoIsItsAbsence() throws {
        for _ in 0..<3 {
            #expect(try cached.app(id: 1) != nil)
            #expect(try cached.app(id: 99) == nil)
            #expect(try cached.installation(uuid: "installation-1") != nil)
            #expect(try cached.installation(uuid: "none") == nil)
            #expect(try cached.serviceHook(installationID: 1, organizationID: 1) != nil)
            #expect(try cached.serviceHook(installationID: 1, organizationID: 2) == nil)
            #expect(try cached.project(slug: "web", organizationID: 1) != nil)
            #expect(try cached.project(slug: "web", organizationID: 2) == nil)
        }

        #expect(counting.questions.count == 8)
        #expect(counting.questions.values.allSatisfy { $0 == 1 })
    }

    @Test func ownersAndNoticesAreLookedUpEveryTime() throws {
        for _ in 0..<3 {
            #expect(try cached.owners(organizationID: 1).count == 1)
            #expect(try cached.pendingNotices(limit: 5).isEmpty)
        }

        #expect(counting.questions == ["owners 1": 3, "notices": 3])
    }

    @Test func aChangeIsSeenAtOnceUnderEveryNameOfTheApp() throws {
        func all() throws -> [SentryApp?] {
            [try cached.app(id: 1), try cached.app(slug: "full"), try cached.app(proxyUserID: 4)]
        }
        #expect(try all().allSatisfy { $0?.disablement == nil })

        #expect(try cached.disable(appID: 1, reason: "broken", audit: .disabling()))
        #expect(try all().allSatisfy { $0?.disablement != nil })
        #expect(try cached.enable(appID: 1, audit: .enabling()))
        #expect(try all().allSatisfy { $0?.disablement == nil })
    }

    @Test func aChangeThatAnotherMadeBeforeIsSeenToo() throws {
        #expect(try cached.app(id: 1)?.disablement == nil)
        #expect(try memory.disable(appID: 1, reason: "other", audit: .disabling()))
        #expect(try cached.app(id: 1)?.disablement == nil)

        #expect(try !cached.disable(appID: 1, reason: "mine", audit: .disabling()))

        #expect(try cached.app(id: 1)?.disablement?.reason == "other")
    }

    @Test func aChangeIsSeenAtOnceByAnotherCacheThatSharesTheChanges() throws {
        let changes = DirectoryChanges()
        let clock = WallClock.frozen(at: Timestamp(seconds: 1000))
        let own = CachedDirectory(memory, clock: clock, changes: changes)
        let neighbour = CachedDirectory(memory, clock: clock, changes: changes)
        #expect(try neighbour.app(id: 1)?.disablement == nil)
        #expect(try neighbour.app(slug: "full")?.disablement == nil)

        #expect(try own.disable(appID: 1, reason: "broken", audit: .disabling()))

        #expect(try neighbour.app(id: 1)?.disablement != nil)
        #expect(try neighbour.app(slug: "full")?.disablement != nil)
    }

    @Test func aLookUpThatBeganBeforeAChangeIsInvalidAfterIt() {
        let cache = TimedCache<Int, Int>(entryLimit: 10, microsecondsToLive: 1_000_000)
        let now = Timestamp(seconds: 1)

        cache.store(1, for: 1, at: now, generation: 1)
        cache.store(2, for: 2, at: now, generation: 2)

        #expect(cache.entry(for: 1, at: now, generation: 1)?.value == 1)
        #expect(cache.entry(for: 1, at: now, generation: 2)?.value == nil)
        #expect(cache.entry(for: 2, at: now, generation: 2)?.value == 2)
    }
}
