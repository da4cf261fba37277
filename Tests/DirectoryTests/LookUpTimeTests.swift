import Model
import TestSupport
import Testing

@testable import Directory

/// The time that look-ups take is added up.
@Suite
struct LookUpTimeTests {
    private let fixture: DirectoryFixture

    init() throws {
        fixture = try DirectoryFixture()
    }

    @Test func ofMissesAndNotOfHits() throws {
        let directory = CachedDirectory(fixture.directory)

        _ = try directory.app(slug: "full")
        let afterMiss = directory.lookUpMicroseconds
        _ = try directory.app(slug: "full")
        let afterHit = directory.lookUpMicroseconds
        _ = try directory.user(login: "alice")

        #expect(afterMiss > 0)
        #expect(afterHit == afterMiss)
        #expect(directory.lookUpMicroseconds > afterHit)
    }

    @Test func ofUncachedLookUpsAndOfACacheThatIsTurnedOff() throws {
        let directory = CachedDirectory(fixture.directory, limits: .init(secondsToLive: 0))

        var readings: [Int64] = [0]
        for _ in 0..<2 {
            _ = try directory.app(slug: "full")
            readings.append(directory.lookUpMicroseconds)
            _ = try directory.memberships(userID: 1)
            readings.append(directory.lookUpMicroseconds)
            _ = try directory.installationStatistics(
                appID: 1, addedIn: Timestamp(seconds: 0)...Timestamp(seconds: 1))
            readings.append(directory.lookUpMicroseconds)
        }

        #expect(zip(readings, readings.dropFirst()).allSatisfy { $0 < $1 }, "\(readings)")
    }

    @Test func alsoWhenTheyFail() throws {
        let directory = CachedDirectory(SQLiteDirectory(path: "/nonexistent/directory.sqlite"))

        #expect(throws: DirectoryError.self) { _ = try directory.app(slug: "full") }

        #expect(directory.lookUpMicroseconds > 0)
    }
}
