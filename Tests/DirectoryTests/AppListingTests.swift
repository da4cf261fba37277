import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct AppListingTests {
    @Test func appsAreListedByOwnerAndStatusTheNewestFirstAndDeletedOnesNever() throws {
        let fixture = try DirectoryFixture()
        let memory = MemoryDirectory.sample()

        for directory in [fixture.directory, CachedDirectory(fixture.directory), memory] as [any AppListing] {
            // The one without a date of its own was added with the import.
            #expect(try directory.appSlugs(ownedBy: nil, status: nil, limit: 10) == ["plain", "full"])
            #expect(try directory.appSlugs(ownedBy: nil, status: nil, limit: 1) == ["plain"])
            #expect(try directory.appSlugs(ownedBy: nil, status: nil, limit: 0) == [])
            #expect(try directory.appSlugs(ownedBy: [1], status: nil, limit: 10) == ["full"])
            #expect(try directory.appSlugs(ownedBy: [2, 1, 99], status: nil, limit: 10) == ["plain", "full"])
            #expect(try directory.appSlugs(ownedBy: [], status: nil, limit: 10) == [])
            #expect(try directory.appSlugs(ownedBy: nil, status: .internal, limit: 10) == ["plain"])
            #expect(try directory.appSlugs(ownedBy: [1], status: .internal, limit: 10) == [])
        }
    }

    @Test func aUsersMembershipsComeWholeInTheOrderOfTheOrganizations() throws {
        var document = DirectoryDocument.sample
        document.memberships.insert(Membership(userID: 1, organizationID: 2, role: .member), at: 0)
        let fixture = try DirectoryFixture(document)

        for directory in [fixture.directory, CachedDirectory(fixture.directory)] as [any AppListing] {
            #expect(
                try directory.memberships(userID: 1) == [
                    Membership(userID: 1, organizationID: 1, role: .owner),
                    Membership(userID: 1, organizationID: 2, role: .member),
                ])
            #expect(try directory.memberships(userID: 2).first?.teamRoles == [.manager, .admin])
            #expect(try directory.memberships(userID: 3) == [])
        }
    }
}

extension MemoryDirectory {
    /// The apps of the sample with the dates that the import gives them.
    fileprivate static func sample() -> MemoryDirectory {
        var directory = MemoryDirectory()
        directory.apps = DirectoryDocument.sample.apps.map { entry in
            var app = entry.app
            app.dateAdded = entry.dateAdded ?? DirectoryFixture.imported
            return app
        }
        return directory
    }
}
