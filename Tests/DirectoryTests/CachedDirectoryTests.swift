import Model
import System
import TestSupport
import Testing

@testable import Directory

@Suite struct CachedDirectoryTests {
    /// A clock that moves when a test says so.
    private final class FakeClock: Sendable {
        private let seconds = Lock<Int64>(1_000_000)

        var clock: WallClock {
            WallClock { Timestamp(seconds: self.seconds.withLock { $0 }) }
        }

        func move(seconds: Int64) {
            self.seconds.withLock { $0 += seconds }
        }
    }

    private let fixture: DirectoryFixture
    private let clock = FakeClock()

    init() throws {
        fixture = try DirectoryFixture()
    }

    private func cached(secondsToLive: Int = 5, entryLimit: Int = 100) -> CachedDirectory {
        CachedDirectory(
            fixture.directory, limits: .init(secondsToLive: secondsToLive, entryLimit: entryLimit), clock: clock.clock)
    }

    /// Empties the directory behind the cache.
    private func removeAll() throws {
        try fixture.importDocument(DirectoryDocument(), isReplacing: true)
    }

    @Test func everyLookUpIsCachedUntilItExpires() throws {
        let cached = cached()
        let event = String(repeating: "a", count: 32)
        let questions: [(String, () throws -> Bool)] = [
            ("app(slug:)", { try cached.app(slug: "full") != nil }),
            ("app(proxyUserID:)", { try cached.app(proxyUserID: 4) != nil }),
            ("components", { try !cached.components(appID: 1).isEmpty }),
            ("user(login:)", { try cached.user(login: "alice") != nil }),
            ("user(id:)", { try cached.user(id: 1) != nil }),
            ("membership", { try cached.membership(userID: 1, organizationID: 1) != nil }),
            ("token", { try cached.token(PresentedCredential("secret")) != nil }),
            ("organization(id:)", { try cached.organization(id: 1) != nil }),
            ("organization(slug:)", { try cached.organization(slug: "acme") != nil }),
            ("project", { try cached.project(id: 1) != nil }),
            ("issueEvent", { try cached.issueEvent(projectID: 1, eventID: event) != nil }),
            ("hasInstallation", { try cached.hasInstallation(appID: 1, organizationID: 1) }),
        ]
        for (name, ask) in questions { #expect(try ask(), "\(name) before") }

        try removeAll()
        clock.move(seconds: 4)

        for (name, ask) in questions { #expect(try ask(), "\(name) within its time") }
        clock.move(seconds: 1)
        for (name, ask) in questions { #expect(try !ask(), "\(name) after its time") }
    }

    @Test func absenceIsCachedToo() throws {
        try removeAll()
        let cached = cached()
        #expect(try cached.app(slug: "full") == nil)
        #expect(try cached.user(login: "alice") == nil)
        #expect(try !cached.hasInstallation(appID: 1, organizationID: 1))

        try fixture.importDocument(.sample)

        #expect(try cached.app(slug: "full") == nil)
        #expect(try cached.user(login: "alice") == nil)
        #expect(try !cached.hasInstallation(appID: 1, organizationID: 1))
        clock.move(seconds: 5)
        #expect(try cached.app(slug: "full") != nil)
        #expect(try cached.user(login: "alice") != nil)
        #expect(try cached.hasInstallation(appID: 1, organizationID: 1))
    }

    @Test func zeroSecondsTurnTheCacheOff() throws {
        let cached = cached(secondsToLive: 0)
        #expect(try cached.app(slug: "full") != nil)

        try removeAll()

        #expect(try cached.app(slug: "full") == nil)
    }

    @Test func statisticsAreNeverCached() throws {
        let cached = cached()
        let range = Timestamp(seconds: 0)...Timestamp(seconds: 1000)
        #expect(try cached.installationStatistics(appID: 1, addedIn: range).totalInstalls == 3)

        try removeAll()

        #expect(try cached.installationStatistics(appID: 1, addedIn: range).totalInstalls == 0)
    }

    @Test func anErrorIsNotCached() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("late.sqlite")
        let cached = CachedDirectory(SQLiteDirectory(path: path), clock: clock.clock)
        #expect(throws: DirectoryError.self) { try cached.app(slug: "full") }

        try SQLiteDirectoryWriter(path: path).importDocument(.sample, isReplacing: false, at: .now())

        #expect(try cached.app(slug: "full") != nil)
    }

    @Test func twoSpellingsOfOneCharacterAreTwoNames() throws {
        var document = DirectoryDocument()
        document.users = [User(id: 50, username: "ren\u{E9}", email: "")]
        try fixture.importDocument(document)
        let cached = cached()

        #expect(try cached.user(login: "ren\u{E9}")?.id == 50)
        #expect(try cached.user(login: "rene\u{301}") == nil)
    }

    @Test func aNameLongerThanTheLimitIsLookedUpEveryTime() throws {
        let fits = String(repeating: "x", count: 256)
        let cached = cached()
        #expect(try cached.organization(slug: fits) == nil)
        #expect(try cached.organization(slug: fits + "x") == nil)

        var document = DirectoryDocument()
        document.organizations = [
            Organization(id: 8, slug: fits, name: ""), Organization(id: 9, slug: fits + "x", name: ""),
        ]
        try fixture.importDocument(document)

        #expect(try cached.organization(slug: fits) == nil)
        #expect(try cached.organization(slug: fits + "x")?.id == 9)
    }

    @Test func aClockThatIsSetBackInvalidatesTheCache() throws {
        let cached = cached()
        #expect(try cached.app(slug: "full") != nil)
        try removeAll()

        clock.move(seconds: -3600)

        #expect(try cached.app(slug: "full") == nil)
    }
}

@Suite struct TimedCacheTests {
    private let now = Timestamp(seconds: 100)

    @Test(arguments: [2, 3, 10, 1000])
    func thereAreNeverMoreEntriesThanTheLimit(limit: Int) {
        let cache = TimedCache<Int, Int>(entryLimit: limit, microsecondsToLive: 1_000_000)

        for key in 0..<5000 {
            cache.store(key, for: key % 3000, at: now)
            #expect(cache.count <= limit)
        }
    }

    @Test func requestedEntriesOutliveOthers() {
        let cache = TimedCache<Int, Int>(entryLimit: 10, microsecondsToLive: 1_000_000)
        cache.store(1, for: -1, at: now)

        for key in 0..<100 {
            cache.store(key, for: key, at: now)
            #expect(cache.entry(for: -1, at: now)?.value == 1)
        }

        #expect(cache.entry(for: 0, at: now)?.value == nil)
        #expect(cache.entry(for: 99, at: now)?.value == 99)
    }

    @Test func aUsedEntryDoesNotExpireLater() {
        let cache = TimedCache<Int, Int>(entryLimit: 10, microsecondsToLive: 10)
        cache.store(1, for: 1, at: now)

        #expect(cache.entry(for: 1, at: Timestamp(microseconds: now.microseconds + 9))?.value == 1)
        #expect(cache.entry(for: 1, at: Timestamp(microseconds: now.microseconds + 10))?.value == nil)
    }
}
