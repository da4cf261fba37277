import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct AppListingTests {
    @Test(arguments: DirectoryCase.allCases) func appsAreListedByOwnerAndStatusTheNewestFirstAndDeletedOnesNever(
        kind: DirectoryCase
    ) throws {
        let fixture = try kind.make()
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

    @Test(arguments: DirectoryCase.allCases) func appsAreVisitedInTheOrderOfTheirIDsAndDeletedOnesNever(
        kind: DirectoryCase
    ) throws {
        var document = DirectoryDocument.sample
        let ids = document.apps.filter { $0.app.dateDeleted == nil }.map(\.app.id).sorted()
        try #require(ids.count == 2 && document.apps.count > 2)
        document.apps.reverse()
        let fixture = try kind.make(document)

        for directory in [fixture.directory, CachedDirectory(fixture.directory), MemoryDirectory.sample()]
            as [any AppListing]
        {
            #expect(try directory.appIDs(after: 0, limit: 10) == ids)
            #expect(try directory.appIDs(after: 0, limit: 1) == [ids[0]])
            #expect(try directory.appIDs(after: ids[0], limit: 10) == [ids[1]])
            #expect(try directory.appIDs(after: ids[1], limit: 10) == [])
            #expect(try directory.appIDs(after: .min, limit: 0) == [])
        }
    }

    @Test(arguments: DirectoryCase.allCases) func aUsersMembershipsComeWholeInTheOrderOfTheOrganizations(
        kind: DirectoryCase
    ) throws {
        var document = DirectoryDocument.sample
        document.memberships.insert(Membership(userID: 1, organizationID: 2, role: .member), at: 0)
        let fixture = try kind.make(document)

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

@Suite struct InstallationListingTests {
    /// The same installations in every kind of directory: added one second after the other, in the order of their ids.
    private struct Hall {
        let fixture: StoreFixture
        let directories: [any AppListing]

        init(_ kind: DirectoryCase, _ installations: [Installation]) throws {
            var document = DirectoryDocument.sample
            document.installations = installations.map {
                DirectoryDocument.InstallationEntry(installation: $0, dateAdded: $0.dateAdded)
            }
            document.serviceHooks = []
            fixture = try kind.make(document)
            var memory = MemoryDirectory()
            memory.installations = installations
            directories = [fixture.directory, CachedDirectory(fixture.directory), CountingDirectory(memory)]
        }
    }

    private func installation(_ id: Int64, app: Int64, at organization: Int64, deleted: Bool = false) -> Installation {
        Installation(
            id: id, appID: app, organizationID: organization, uuid: "listed-\(id)",
            dateAdded: Timestamp(seconds: 1_700_000_000 + id),
            dateDeleted: deleted ? Timestamp(seconds: 1_800_000_000) : nil)
    }

    @Test(arguments: DirectoryCase.allCases)
    func theInstallationsThatAreThereComeInTheOrderOfTheOrganizationsAsManyAsAreWanted(kind: DirectoryCase) throws {
        let all = [
            installation(1, app: 1, at: 2), installation(2, app: 1, at: 1),
            installation(3, app: 1, at: 1, deleted: true), installation(4, app: 2, at: 1),
        ]

        let hall = try Hall(kind, all)
        for directory in hall.directories {
            #expect(try directory.installations(appID: 1, limit: 10).map(\.id) == [2, 1])
            #expect(try directory.installations(appID: 1, limit: 1).map(\.id) == [2])
            #expect(try directory.installations(appID: 1, limit: 0) == [])
            #expect(try directory.installations(appID: 1, limit: -1) == [])
            #expect(try directory.installations(appID: 9, limit: 10) == [])
            #expect(try directory.installations(appID: 2, limit: 10) == [all[3]])
        }
    }

    @Test(arguments: DirectoryCase.allCases)
    func ofAnOrganizationsInstallationsTheOneThatIsThereCountsElseTheOneAddedLast(kind: DirectoryCase) throws {
        let all = [
            installation(1, app: 1, at: 1), installation(2, app: 1, at: 1, deleted: true),
            installation(3, app: 1, at: 2, deleted: true), installation(4, app: 1, at: 2, deleted: true),
            installation(5, app: 2, at: 2),
        ]

        let hall = try Hall(kind, all)
        for directory in hall.directories {
            #expect(try directory.installation(appID: 1, organizationID: 1) == all[0])
            #expect(try directory.installation(appID: 1, organizationID: 2) == all[3])
            #expect(try directory.installation(appID: 2, organizationID: 1) == nil)
            #expect(try directory.lastInstallation(appID: 1)?.id == 4)
            #expect(try directory.lastInstallation(appID: 9) == nil)
        }
    }

    @Test(arguments: DirectoryCase.allCases) func aDeletedAppIsFoundByThoseWhoAskForDeletedOnesToo(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()

        #expect(try fixture.directory.app(slug: "gone") == nil)
        #expect(try fixture.directory.anyApp(slug: "gone")?.id == 3)
        #expect(try fixture.directory.anyApp(slug: "plain")?.id == 2)
        #expect(try fixture.directory.anyApp(slug: "nope") == nil)
    }
}
