import Model
import System
import TestSupport
import Testing

@testable import Directory

/// How long values that are made from cached rows are valid.
@Suite
struct DirectoryCacheValidityTests {
    private static let start = Timestamp(seconds: 1_000_000)

    private let clock = Lock(start)
    private let changes = DirectoryChanges()
    private var rows = MemoryDirectory()

    init() {
        rows.organizations = (1...9).map { Organization(id: $0, slug: "o\($0)", name: "O") }
    }

    private func cached(
        secondsToLive: Int = 5, entryLimit: Int = 100, cachesAbsence: Bool = true
    ) -> CachedDirectory {
        let clock = clock
        return CachedDirectory(
            rows,
            limits: .init(
                secondsToLive: secondsToLive, entryLimit: entryLimit, keyByteLimit: 40, cachesAbsence: cachesAbsence),
            clock: WallClock { clock.withLock { $0 } }, changes: changes)
    }

    private func move(seconds: Int64) {
        clock.withLock { $0 = $0.adding(seconds: seconds) }
    }

    /// The expiry of what `lookUps` looks up.
    private func expiry(_ cached: CachedDirectory, _ lookUps: () throws -> Void) throws -> Timestamp {
        let validity = try #require(cached.cacheValidity)
        validity.beginRecording()
        try lookUps()
        return validity.endRecording()
    }

    @Test func itIsTheEarliestExpiryOfTheRowsLookedUpSinceTheRecordingBegan() throws {
        let cached = cached()
        _ = try cached.organization(id: 1)
        move(seconds: 2)
        _ = try cached.organization(id: 2)
        move(seconds: 1)

        let second = try expiry(cached) {
            _ = try cached.organization(id: 2)
            _ = try cached.app(slug: "none")
        }
        let first = try expiry(cached) {
            for id: Int64 in 1...3 { _ = try cached.organization(id: id) }
        }

        #expect(second == Self.start.adding(seconds: 7))
        #expect(first == Self.start.adding(seconds: 5))
    }

    @Test func withoutALookUpItIsFarInTheFuture() throws {
        let cached = cached()
        _ = try cached.organization(id: 1)
        #expect(try expiry(cached) {} == Timestamp(microseconds: .max))
    }

    @Test func everyKindOfLookUpIsRecorded() throws {
        let cached = cached()
        let lookUps: [() throws -> Void] = [
            { _ = try cached.app(slug: "a") }, { _ = try cached.app(id: 1) }, { _ = try cached.app(proxyUserID: 1) },
            { _ = try cached.components(appID: 1) }, { _ = try cached.user(login: "a") },
            { _ = try cached.user(id: 1) }, { _ = try cached.membership(userID: 1, organizationID: 1) },
            { _ = try cached.token(PresentedCredential("a")) }, { _ = try cached.organization(id: 1) },
            { _ = try cached.organization(slug: "a") }, { _ = try cached.project(id: 1) },
            { _ = try cached.project(slug: "a", organizationID: 1) },
            { _ = try cached.issueEvent(projectID: 1, eventID: "a") },
            { _ = try cached.hasInstallation(appID: 1, organizationID: 1) },
            { _ = try cached.installation(uuid: "a") },
            { _ = try cached.serviceHook(installationID: 1, organizationID: 1) },
        ]
        for (index, lookUp) in lookUps.enumerated() {
            #expect(try expiry(cached, lookUp) == Self.start.adding(seconds: 5), "\(index)")
            #expect(try expiry(cached, lookUp) == Self.start.adding(seconds: 5), "\(index), cached")
        }
    }

    @Test func whatIsNotCachedExpiresAtOnce() throws {
        let long = String(repeating: "a", count: 41)
        let cached = cached(cachesAbsence: false)
        let lookUps: [() throws -> Void] = [
            { _ = try cached.issueEvent(projectID: 1, eventID: long) }, { _ = try cached.organization(id: 99) },
            { _ = try cached.memberships(userID: 1) }, { _ = try cached.owners(organizationID: 1) },
        ]
        for (index, lookUp) in lookUps.enumerated() {
            let expiry = try expiry(cached) {
                try lookUp()
                _ = try cached.organization(id: 1)
            }
            #expect(expiry < Self.start, "\(index)")
        }
    }

    @Test func recordingsAtTheSameTimeNeverMissALookUp() throws {
        let cached = cached()
        let validity = try #require(cached.cacheValidity)
        _ = try cached.organization(id: 1)
        move(seconds: 2)

        validity.beginRecording()
        _ = try cached.organization(id: 1)
        validity.beginRecording()
        _ = try cached.organization(id: 2)
        #expect(validity.endRecording() <= Self.start.adding(seconds: 7))
        #expect(validity.endRecording() == Self.start.adding(seconds: 5))

        #expect(try expiry(cached) { _ = try cached.organization(id: 2) } == Self.start.adding(seconds: 7))
    }

    @Test func theGenerationIsAnotherOneAfterAChangeByAnyCacheOfTheSameDirectory() throws {
        let (cached, other) = (cached(), cached())
        let before = try #require(cached.cacheValidity).generation

        _ = try other.enable(appID: 1, audit: .enabling())

        #expect(cached.cacheValidity?.generation != before)
    }

    @Test func aDirectoryThatCachesNothingHasNone() throws {
        #expect(cached(secondsToLive: 0).cacheValidity == nil)
        #expect(rows.cacheValidity == nil)
        #expect(try DirectoryFixture().directory.cacheValidity == nil)
    }

    /// As long as the expiry has not come, the same look-ups give the same rows, also when rows are replaced or evicted.
    @Test func untilTheExpiryAndWithinAGenerationCachedRowsAreTheSame() throws {
        var (unchanged, random) = (0, SeededGenerator(seed: 3))
        for _ in 0..<200 {
            var rows = rows
            let cached = cached()
            var (known, end, generation) = ([Int64: String](), Timestamp(microseconds: .max), 0)
            for step in 0..<100 {
                switch Int.random(in: 0..<20, using: &random) {
                case 0: _ = try cached.enable(appID: 1, audit: .enabling())
                case 1...4: move(seconds: Int64.random(in: 0...2, using: &random))
                case 5...8: rows.organizations = (1...9).map { Organization(id: $0, slug: "", name: "\(step)") }
                default: break
                }
                let isValid = clock.withLock { $0 < end } && cached.cacheValidity?.generation == generation
                if !isValid {
                    (known, end, generation) = (
                        [:], Timestamp(microseconds: .max), cached.cacheValidity?.generation ?? 0
                    )
                }
                let id = Int64.random(in: 1...3, using: &random)
                var name = ""
                end = min(end, try expiry(cached) { name = try cached.organization(id: id)?.name ?? "" })
                if let before = known[id] {
                    #expect(name == before)
                    unchanged += 1
                }
                known[id] = name
            }
        }
        #expect(unchanged > 1000, "only \(unchanged) rows")
    }
}
