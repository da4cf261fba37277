import Directory
import Model
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// The directories of the golden files, written as the original writes them, are read as what they are.
@Suite struct GoldenLookUpTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let golden: String
        let release: PostgreSQLOriginal

        var testDescription: String { "\(golden) in \(release.rawValue)" }

        static let all = ["101", "102", "103"].flatMap { golden in
            PostgreSQLOriginal.allCases.map { Case(golden: golden, release: $0) }
        }
    }

    @Test(arguments: Case.all) func everyAppIsFoundByEachOfItsKeys(kind: Case) throws {
        let fixture = try OriginalFixture(kind.release, golden: kind.golden)

        for expected in fixture.memory.apps {
            let apps = [
                try fixture.directory.app(slug: expected.slug), try fixture.directory.app(id: expected.id),
                try expected.proxyUserID.flatMap { try fixture.directory.app(proxyUserID: $0) },
                try fixture.directory.anyApp(slug: expected.slug),
            ]
            for app in apps {
                #expect(app?.id == expected.id)
                #expect(app?.name == expected.name)
                #expect(app?.ownerID == expected.ownerID)
                #expect(app?.status == expected.status)
                #expect(app?.uuid == expected.uuid)
                #expect(app?.webhookURL == expected.webhookURL)
                #expect(app?.scopes == expected.scopes)
                #expect(app?.proxyUserID == expected.proxyUserID)
                #expect(app?.clientSecret == expected.clientSecret)
                #expect(app?.disablement == nil)
                // The original stores the events of each resource.
                let resources = (app?.events ?? []).map { String($0.prefix { $0 != "." }) }
                #expect(Set(resources) == Set(expected.events))
            }
            let components = try fixture.directory.components(appID: expected.id)
            #expect(components.map(\.type) == (try fixture.memory.components(appID: expected.id)).map(\.type))
        }
    }

    @Test(arguments: Case.all) func everyTokenLeadsToItsUser(kind: Case) throws {
        let fixture = try OriginalFixture(kind.release, golden: kind.golden)

        for row in try Golden(name: kind.golden).directory["tokens"].elements {
            let presented = PresentedCredential(row["token"].string ?? "")
            let expected = try #require(try fixture.memory.token(presented))
            let token = try #require(try fixture.directory.token(presented))
            #expect(token.userID == expected.userID)
            #expect(token.scopes == expected.scopes)
            #expect(token.digest == expected.digest)
            #expect(token.isApplicationActive)
            #expect(token.expiresAt == nil)
            #expect(token.allowedOrigins == nil)
            #expect(token.scopingOrganizationID == nil)
        }
        #expect(try fixture.directory.token(PresentedCredential("unknown")) == nil)
    }

    @Test(arguments: Case.all) func usersMembershipsAndOrganizationsAreThoseOfTheGoldenDirectory(kind: Case) throws {
        let fixture = try OriginalFixture(kind.release, golden: kind.golden)
        let (directory, memory) = (fixture.directory, fixture.memory)

        for user in memory.users {
            #expect(try directory.user(id: user.id) == user)
            #expect(try directory.user(login: user.username) == user)
            for organization in memory.organizations {
                var expected = try memory.membership(userID: user.id, organizationID: organization.id)
                // The column was dropped.
                if kind.release == .release26 { expected?.teamRoles = [] }
                #expect(try directory.membership(userID: user.id, organizationID: organization.id) == expected)
                #expect(
                    try directory.isMemberInCopies(userID: user.id, organizationID: organization.id)
                        == (expected != nil))
            }
        }
        for organization in memory.organizations {
            #expect(try directory.organization(id: organization.id) == organization)
            #expect(try directory.organization(slug: organization.slug) == organization)
            #expect(try directory.organizationInCopies(id: organization.id) == organization)
            #expect(
                try directory.owners(organizationID: organization.id)
                    == memory.owners(organizationID: organization.id))
        }
    }

    @Test(arguments: Case.all) func installationsProjectsAndEventsAreThoseOfTheGoldenDirectory(kind: Case) throws {
        let fixture = try OriginalFixture(kind.release, golden: kind.golden)
        let (directory, memory) = (fixture.directory, fixture.memory)

        for installation in memory.installations {
            #expect(try directory.installation(uuid: installation.uuid) == installation)
            #expect(
                try directory.hasInstallation(
                    appID: installation.appID, organizationID: installation.organizationID))
            let hook = try directory.serviceHook(
                installationID: installation.id, organizationID: installation.organizationID)
            #expect(hook?.installationID == installation.id)
            #expect(hook?.projectIDs == [])
        }
        for project in memory.projects {
            #expect(try directory.project(id: project.id) == project)
            #expect(
                try directory.project(slug: project.slug, organizationID: project.organizationID) == project)
        }
        for event in memory.issueEvents {
            #expect(try directory.issueEvent(projectID: event.projectID, eventID: event.eventID) == event)
        }
        #expect(try directory.issueEvent(projectID: 1, eventID: String(repeating: "0", count: 32)) == nil)
    }

    @Test func aDirectoryOfTheOriginalIsExportedWhole() throws {
        let fixture = try OriginalFixture(.release23)
        let memory = fixture.memory

        let document = try fixture.directory.document()

        #expect(document.organizations == memory.organizations.sorted { $0.id < $1.id })
        #expect(document.users == memory.users.sorted { $0.id < $1.id })
        #expect(document.apps.map(\.app.slug).sorted() == memory.apps.map(\.slug).sorted())
        #expect(Set(document.tokens.map(\.digest)) == Set(memory.tokens.map(\.digest)))
        #expect(Set(document.memberships) == Set(memory.memberships))
        #expect(document.serviceHooks.count == memory.installations.count)
        #expect(document.issueEvents.isEmpty && document.auditEntries.isEmpty)
    }
}
