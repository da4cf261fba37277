import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct SQLiteDirectoryTests {
    @Test("An app comes back with every field it was stored with")
    func appRoundTrip() throws {
        let fixture = try DirectoryFixture()

        #expect(try fixture.directory.app(slug: "full") == .full)
        #expect(try fixture.directory.app(proxyUserID: 4) == .full)
        #expect(try fixture.directory.app(slug: "plain")?.dateAdded == DirectoryFixture.imported)
    }

    @Test("Slugs match byte for byte", arguments: ["Full", "full ", "ful", "full\u{0}", "full\u{0}x", "", "%"])
    func slugsAreExact(slug: String) throws {
        let fixture = try DirectoryFixture()

        #expect(try fixture.directory.app(slug: slug) == nil)
        #expect(try fixture.directory.organization(slug: slug) == nil)
    }

    @Test("A deleted app is not found, by slug nor by its proxy user")
    func deletedAppIsGone() throws {
        let fixture = try DirectoryFixture()

        #expect(try fixture.directory.app(slug: "gone") == nil)
        #expect(try fixture.directory.app(proxyUserID: 3) == nil)
    }

    @Test("Components come in the order of the document, not of their numbers")
    func componentsAreOrdered() throws {
        let fixture = try DirectoryFixture()

        let components = try fixture.directory.components(appID: 1)

        #expect(components.map(\.type) == ["issue-link", "stacktrace-link", "issue-link"])
        #expect(components.map(\.id) == [7, 5, 8])
        #expect(components[0].schemaJSON == #"{"type":"issue-link"}"#)
        #expect(try fixture.directory.components(appID: 2).isEmpty)
    }

    @Test(
        "A login is a user name, else an address that one user alone has",
        arguments: [
            ("alice", 1), ("Alice", nil), ("alice@acme.example", 1), ("ALICE@ACME.EXAMPLE", 1),
            ("bob@acme.example", 2), ("shared@acme.example", nil), ("", nil), ("nobody", nil), ("proxy", 4),
        ] as [(String, Int64?)])
    func userByLogin(login: String, id: Int64?) throws {
        let fixture = try DirectoryFixture()

        #expect(try fixture.directory.user(login: login)?.id == id)
    }

    @Test("A user name wins over another user's address")
    func userNameWins() throws {
        var document = DirectoryDocument.sample
        document.users.append(User(id: 5, username: "other", email: "alice"))
        let fixture = try DirectoryFixture(document)

        #expect(try fixture.directory.user(login: "alice")?.id == 1)
    }

    @Test("Users come back with their flags")
    func userFlags() throws {
        let fixture = try DirectoryFixture()

        for user in DirectoryDocument.sample.users {
            #expect(try fixture.directory.user(id: user.id) == user)
        }
        #expect(try fixture.directory.user(id: 99) == nil)
    }

    @Test("A membership has the roles of the member and of the teams")
    func membership() throws {
        let fixture = try DirectoryFixture()

        let membership = try fixture.directory.membership(userID: 2, organizationID: 1)

        #expect(membership?.role == .member)
        #expect(membership?.teamRoles == [.manager, .admin])
        #expect(try fixture.directory.membership(userID: 2, organizationID: 2) == nil)
        #expect(try fixture.directory.membership(userID: 3, organizationID: 1) == nil)
    }

    @Test("A token is found by its digest alone")
    func token() throws {
        let fixture = try DirectoryFixture()

        let token = try fixture.directory.token(digest: TokenDigest(hashing: "secret"))

        #expect(token?.userID == 1)
        #expect(token?.scopes == [ScopeSet(.orgRead), ScopeSet(.orgCI)])
        #expect(token?.expiresAt == Timestamp(microseconds: 1_800_000_000_000_001))
        #expect(token?.allowedOrigins == ["https://a.example", "https://b.example"])
        #expect(try fixture.directory.token(digest: TokenDigest(hashing: "Secret")) == nil)
    }

    @Test("Organizations are found whatever their status")
    func organizations() throws {
        let fixture = try DirectoryFixture()

        #expect(try fixture.directory.organization(slug: "globex")?.status == .pendingDeletion)
        #expect(try fixture.directory.organization(id: 1)?.slug == "acme")
        #expect(try fixture.directory.organization(id: 3) == nil)
    }

    @Test("Projects and issue events are found by their numbers")
    func projectsAndEvents() throws {
        let fixture = try DirectoryFixture()
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

    @Test("Only an installation that is not deleted counts as one")
    func hasInstallation() throws {
        let fixture = try DirectoryFixture()

        #expect(try fixture.directory.hasInstallation(appID: 1, organizationID: 1))
        #expect(try !fixture.directory.hasInstallation(appID: 1, organizationID: 2))
        #expect(try !fixture.directory.hasInstallation(appID: 2, organizationID: 1))
    }

    @Test("Statistics count deleted installations and list those added in the range, ends included")
    func statistics() throws {
        let fixture = try DirectoryFixture()

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
