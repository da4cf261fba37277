import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct DirectoryImportTests {
    @Test(arguments: DirectoryCase.allCases) func whatWasImportedIsWhatIsExported(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        let exported = try fixture.directory.document()

        #expect(exported.apps[0].app == .full)
        #expect(exported.users == DirectoryDocument.sample.users)
        #expect(exported.memberships == DirectoryDocument.sample.memberships)
        #expect(exported.serviceHooks == DirectoryDocument.sample.serviceHooks)
        #expect(exported.issueEvents == DirectoryDocument.sample.issueEvents)
        #expect(exported.auditEntries == DirectoryDocument.sample.auditEntries)
        #expect(exported.apps.map(\.app.slug) == ["full", "plain", "gone"])
        #expect(exported.apps[2].app.dateDeleted == Timestamp(seconds: 5))
    }

    @Test(arguments: DirectoryCase.allCases) func importingAnExportAsTheWholeDirectoryChangesNothing(
        kind: DirectoryCase
    ) throws {
        let fixture = try kind.make()
        let exported = try fixture.directory.document()
        let empty = try kind.make(DirectoryDocument())

        try fixture.importDocument(exported, isReplacing: true, at: Timestamp(seconds: 9))
        try empty.importDocument(exported, isReplacing: true, at: Timestamp(seconds: 9))

        #expect(try fixture.directory.document() == exported)
        #expect(try empty.directory.document() == exported)
    }

    @Test(arguments: DirectoryCase.allCases, [false, true])
    func importingTheSameDocumentLaterChangesNothing(kind: DirectoryCase, isReplacing: Bool) throws {
        let fixture = try kind.make()
        let before = try fixture.directory.document()

        try fixture.importDocument(.sample, isReplacing: isReplacing, at: DirectoryFixture.imported.adding(seconds: 99))

        #expect(try fixture.directory.document() == before)
        #expect(before.apps[1].dateAdded == DirectoryFixture.imported)
        #expect(before.tokens[0].dateAdded == DirectoryFixture.imported)
    }

    @Test(arguments: DirectoryCase.allCases, [false, true])
    func rowsThatADocumentDoesNotHaveStayOrGoWithReplace(kind: DirectoryCase, isReplacing: Bool) throws {
        let fixture = try kind.make()
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 1, slug: "acme", name: "Renamed")]

        try fixture.importDocument(document, isReplacing: isReplacing)

        let directory = fixture.directory
        #expect(try directory.organization(id: 1)?.name == "Renamed")
        #expect(try (directory.organization(id: 2) == nil) == isReplacing)
        #expect(try (directory.app(slug: "full") == nil) == isReplacing)
        #expect(try (directory.token(PresentedCredential("secret")) == nil) == isReplacing)
    }

    @Test(arguments: DirectoryCase.allCases) func aRowReplacesTheWholeOldRow(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        var document = DirectoryDocument()
        document.apps = [
            DirectoryDocument.AppEntry(
                app: SentryApp(id: 1, slug: "new", name: "New", ownerID: 2, status: .internal, uuid: "u"),
                dateAdded: nil, components: [])
        ]

        try fixture.importDocument(document)

        let app = try fixture.directory.app(slug: "new")
        #expect(app?.avatars == [])
        #expect(app?.features == [])
        #expect(app?.webhookURL == nil)
        #expect(app?.dateAdded == Timestamp(seconds: 1000))
        #expect(try fixture.directory.components(appID: 1).isEmpty)
        #expect(try fixture.directory.hasInstallation(appID: 1, organizationID: 1))
    }

    @Test(arguments: DirectoryCase.allCases) func twoOrganizationsCanExchangeTheirSlugs(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        var document = DirectoryDocument()
        document.organizations = [
            Organization(id: 1, slug: "globex", name: "1"), Organization(id: 2, slug: "acme", name: "2"),
        ]

        try fixture.importDocument(document)

        #expect(try fixture.directory.organization(slug: "acme")?.id == 2)
        #expect(try fixture.directory.organization(slug: "globex")?.id == 1)
    }

    @Test(arguments: DirectoryCase.allCases) func eachReferenceToAMissingRowIsReportedWithItsField(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()
        var document = DirectoryDocument()
        document.memberships = [Membership(userID: 98, organizationID: 99, role: .member)]
        document.apps = [
            DirectoryDocument.AppEntry(
                app: SentryApp(
                    id: 9, slug: "x", name: "", ownerID: 99, status: .published, uuid: "x", proxyUserID: 98),
                dateAdded: nil, components: [])
        ]
        document.installations = [DirectoryDocument.installation(id: 9, organization: 99, added: 1, deleted: nil)]
        document.projects = [Project(id: 9, slug: "x", organizationID: 99)]
        document.serviceHooks = [
            ServiceHook(id: 9, installationID: 99, organizationID: 99, url: "x", events: [], projectIDs: [1, 99])
        ]
        document.issueEvents = [IssueEvent(projectID: 99, eventID: "x", groupID: nil)]
        document.tokens = [DirectoryDocument.TokenEntry(digest: TokenDigest(hashing: "x"), userID: 99, scopes: [])]

        #expect(
            try fixture.problems(of: document) == [
                "memberships[0].user_id: there is no user 98",
                "memberships[0].organization_id: there is no organization 99",
                "apps[0].owner_id: there is no organization 99",
                "apps[0].proxy_user_id: there is no user 98",
                "installations[0].organization_id: there is no organization 99",
                "projects[0].organization_id: there is no organization 99",
                "service_hooks[0].installation_id: there is no installation 99",
                "service_hooks[0].organization_id: there is no organization 99",
                "service_hooks[0].project_ids[1]: there is no project 99",
                "events[0].project_id: there is no project 99",
                "tokens[0].user_id: there is no user 99",
            ])
    }

    @Test(arguments: DirectoryCase.allCases) func aReferenceToARowThatReplaceRemovesLeadsNowhere(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()
        var document = DirectoryDocument()
        document.projects = [Project(id: 1, slug: "web", organizationID: 1)]

        #expect(try fixture.problems(of: document).isEmpty)
        #expect(
            try fixture.problems(of: document, isReplacing: true)
                == ["projects[0].organization_id: there is no organization 1"])
    }

    @Test(arguments: DirectoryCase.allCases) func duplicatesAreReportedWithTheFieldOfTheFirst(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()
        var document = DirectoryDocument.sample
        document.organizations.append(Organization(id: 2, slug: "acme", name: ""))
        document.users.append(User(id: 9, username: "alice", email: ""))
        document.memberships.append(Membership(userID: 1, organizationID: 1, role: .member))
        document.issueEvents.append(document.issueEvents[0])
        document.tokens.append(document.tokens[0])

        #expect(
            try fixture.problems(of: document) == [
                "organizations[2].id: the id 2 is used by organizations[1].id already",
                "users[4].username: the user name \"alice\" is used by users[0].username already",
                "memberships[2]: the membership of user 1 in organization 1 is used by memberships[0] already",
                "events[2].event_id: the event \(String(repeating: "a", count: 32)) of project 1 is used by "
                    + "events[0].event_id already",
                "tokens[1]: the token is used by tokens[0] already",
            ])
    }

    @Test(arguments: DirectoryCase.allCases) func namesThatOtherRowsOfTheDirectoryHaveAreRefused(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 9, slug: "acme", name: "")]
        document.apps = [
            DirectoryDocument.AppEntry(
                app: SentryApp(
                    id: 9, slug: "gone", name: "", ownerID: 1, status: .published, uuid: "uuid-1", proxyUserID: 4),
                dateAdded: nil, components: [DirectoryDocument.Component(id: 7, type: "x", schemaJSON: "{}")])
        ]
        document.tokens = [
            DirectoryDocument.TokenEntry(id: 1, digest: TokenDigest(hashing: "x"), userID: 1, scopes: [])
        ]

        #expect(
            try fixture.problems(of: document) == [
                "organizations[0].slug: the slug \"acme\" is used by another organization in the directory",
                "apps[0].proxy_user_id: the proxy user 4 is used by another app in the directory",
                "apps[0].slug: the slug \"gone\" is used by another app in the directory",
                "apps[0].uuid: the uuid \"uuid-1\" is used by another app in the directory",
                "tokens[0].id: the id 1 is used by another token in the directory",
            ])
    }

    @Test(arguments: DirectoryCase.allCases, [false, true])
    func oneProblemUndoesTheWholeImportReplaceIncluded(kind: DirectoryCase, isReplacing: Bool) throws {
        let fixture = try kind.make()
        let before = try fixture.directory.document()
        var document = DirectoryDocument.sample
        document.organizations[0].name = "Changed"
        document.tokens[0].userID = 99

        let problems = try fixture.problems(of: document, isReplacing: isReplacing)

        #expect(problems == ["tokens[0].user_id: there is no user 99"])
        #expect(try fixture.directory.document() == before)
    }

    @Test(arguments: DirectoryCase.allCases) func noMoreProblemsAreListedThanAskedForButAllAreCounted(
        kind: DirectoryCase
    ) throws {
        let fixture = try kind.make(DirectoryDocument())
        var document = DirectoryDocument()
        document.projects = (1...50).map { Project(id: $0, slug: "p\($0)", organizationID: 1) }

        let error = #expect(throws: DirectoryImportError.self) {
            try fixture.writer()
                .importDocument(document, isReplacing: false, at: .now(), problemLimit: 20)
        }

        guard case .problems(let problems, let count) = error else { throw TestSupportError("\(error as Any)") }
        #expect(problems.count == 20)
        #expect(count == 50)
    }
}
