import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct DirectoryLookUpTests {
    @Test(arguments: DirectoryCase.allCases) func anAppComesBackWithEveryFieldItWasStoredWith(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()

        #expect(try fixture.directory.app(slug: "full") == .full)
        #expect(try fixture.directory.app(proxyUserID: 4) == .full)
        #expect(try fixture.directory.app(slug: "plain")?.dateAdded == DirectoryFixture.imported)
    }

    @Test(arguments: DirectoryCase.allCases, ["Full", "full ", "ful", "full\u{0}", "full\u{0}x", "", "%"])
    func slugsMatchByteForByte(kind: DirectoryCase, slug: String) throws {
        let fixture = try kind.make()

        #expect(try fixture.directory.app(slug: slug) == nil)
        #expect(try fixture.directory.organization(slug: slug) == nil)
    }

    @Test(arguments: DirectoryCase.allCases) func aDeletedAppIsNotFoundBySlugNorByItsProxyUser(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()

        #expect(try fixture.directory.app(slug: "gone") == nil)
        #expect(try fixture.directory.app(proxyUserID: 3) == nil)
    }

    @Test(arguments: DirectoryCase.allCases) func componentsHaveTheOrderOfTheDocument(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        let components = try fixture.directory.components(appID: 1)

        #expect(components.map(\.type) == ["issue-link", "stacktrace-link", "issue-link"])
        #expect(components.map(\.id) == [7, 5, 8])
        #expect(components[0].schemaJSON == #"{"type":"issue-link"}"#)
        #expect(try fixture.directory.components(appID: 2).isEmpty)
    }

    @Test(
        arguments: DirectoryCase.allCases,
        [
            ("alice", 1), ("Alice", nil), ("alice@acme.example", 1), ("ALICE@ACME.EXAMPLE", 1),
            ("bob@acme.example", 2), ("shared@acme.example", nil), ("", nil), ("nobody", nil), ("proxy", 4),
        ] as [(String, Int64?)])
    func aLoginIsAUserNameElseAnAddressThatOneUserAloneHas(
        kind: DirectoryCase, login: (name: String, id: Int64?)
    ) throws {
        let fixture = try kind.make()

        #expect(try fixture.directory.user(login: login.name)?.id == login.id)
    }

    @Test(arguments: DirectoryCase.allCases) func aUserNameWinsOverAnotherUsersAddress(kind: DirectoryCase) throws {
        var document = DirectoryDocument.sample
        document.users.append(User(id: 5, username: "other", email: "alice"))
        let fixture = try kind.make(document)

        #expect(try fixture.directory.user(login: "alice")?.id == 1)
    }

    @Test(arguments: DirectoryCase.allCases) func usersComeBackWithTheirFlags(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        for user in DirectoryDocument.sample.users {
            #expect(try fixture.directory.user(id: user.id) == user)
        }
        #expect(try fixture.directory.user(id: 99) == nil)
    }

    @Test(arguments: DirectoryCase.allCases) func aMembershipHasTheRolesOfTheMemberAndOfTheTeams(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()

        let membership = try fixture.directory.membership(userID: 2, organizationID: 1)

        #expect(membership?.role == .member)
        #expect(membership?.teamRoles == [.manager, .admin])
        #expect(try fixture.directory.membership(userID: 2, organizationID: 2) == nil)
        #expect(try fixture.directory.membership(userID: 3, organizationID: 1) == nil)
    }

    @Test(arguments: DirectoryCase.allCases) func aTokenIsFoundByItsDigestAlone(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        let token = try fixture.token("secret")

        #expect(token?.userID == 1)
        #expect(token?.scopes == [ScopeSet(.orgRead), ScopeSet(.orgCI)])
        #expect(token?.expiresAt == Timestamp(microseconds: 1_800_000_000_000_001))
        #expect(token?.allowedOrigins == ["https://a.example", "https://b.example"])
        #expect(try fixture.token("Secret") == nil)
    }

    @Test(arguments: DirectoryCase.allCases) func organizationsAreFoundInAnyStatus(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        #expect(try fixture.directory.organization(slug: "globex")?.status == .pendingDeletion)
        #expect(try fixture.directory.organization(id: 1)?.slug == "acme")
        #expect(try fixture.directory.organization(id: 3) == nil)
    }

    @Test(arguments: DirectoryCase.allCases) func projectsAndIssueEventsAreFoundById(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let ungrouped = String(repeating: "b", count: 32)

        #expect(try fixture.directory.project(id: 1) == Project(id: 1, slug: "web", organizationID: 1))
        #expect(try fixture.directory.project(id: 2) == nil)
        #expect(
            try fixture.directory.issueEvent(projectID: 1, eventID: String(repeating: "a", count: 32))?.groupID == 9)
        #expect(
            try fixture.directory.issueEvent(projectID: 1, eventID: ungrouped)
                == IssueEvent(projectID: 1, eventID: ungrouped, groupID: nil))
        #expect(try fixture.directory.issueEvent(projectID: 2, eventID: ungrouped) == nil)
    }

    @Test(arguments: DirectoryCase.allCases) func onlyAnInstallationThatIsNotDeletedCountsAsOne(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()

        #expect(try fixture.directory.hasInstallation(appID: 1, organizationID: 1))
        #expect(try !fixture.directory.hasInstallation(appID: 1, organizationID: 2))
        #expect(try !fixture.directory.hasInstallation(appID: 2, organizationID: 1))
    }

    @Test(arguments: DirectoryCase.allCases)
    func statisticsCountDeletedInstallationsAndListThoseAddedInTheRangeEndsIncluded(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        let all = try fixture.directory.installationStatistics(
            appID: 1, addedIn: Timestamp(seconds: 100)...Timestamp(seconds: 200))
        let none = try fixture.directory.installationStatistics(
            appID: 2, addedIn: Timestamp(seconds: 100)...Timestamp(seconds: 200))

        #expect(all.totalInstalls == 3)
        #expect(all.totalUninstalls == 2)
        #expect(
            all.inRange == [
                .init(added: Timestamp(seconds: 100), deleted: nil),
                .init(added: Timestamp(seconds: 200), deleted: Timestamp(seconds: 300)),
            ])
        #expect(none == InstallationStatistics(totalInstalls: 0, totalUninstalls: 0, inRange: []))
    }
}
