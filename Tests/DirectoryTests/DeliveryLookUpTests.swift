import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct DeliveryLookUpTests {
    @Test(arguments: DeliveryCase.allCases)
    func anAppIsFoundByItsNumberWholeAndADeletedOneIsNot(kind: DeliveryCase) throws {
        let subject = try kind.make()
        let directory = subject.directory
        defer { subject.keep() }

        #expect(try directory.app(id: 1) == .full)
        #expect(try directory.app(id: 3) == nil)
        #expect(try directory.app(id: 99) == nil)
    }

    @Test(arguments: DeliveryCase.allCases)
    func everyLookUpOfAnAppBringsItsHeadersAndItsTimeOut(kind: DeliveryCase) throws {
        let subject = try kind.make()
        let directory = subject.directory
        defer { subject.keep() }

        for app in [try directory.app(id: 1), try directory.app(slug: "full"), try directory.app(proxyUserID: 4)] {
            #expect(app?.customHeaders.map(\.name) == ["X-Second", "X-First"])
            #expect(app?.customHeaders.map(\.value.exposed) == ["b: c", "a"])
            #expect(app?.webhookTimeoutMilliseconds == 2500)
            #expect(app?.disablement == nil)
        }
        #expect(try directory.app(id: 2)?.customHeaders == [])
        #expect(try directory.app(id: 2)?.webhookTimeoutMilliseconds == nil)
    }

    @Test(arguments: DeliveryCase.allCases)
    func anInstallationIsFoundByItsUuidPendingAndDeletedOnesToo(kind: DeliveryCase) throws {
        var document = DirectoryDocument.sample
        document.installations[0].installation.status = .pending
        let subject = try kind.make(document)
        let directory = subject.directory
        defer { subject.keep() }

        #expect(try directory.installation(uuid: "installation-1") == document.installations[0].installation)
        #expect(try directory.installation(uuid: "installation-2") == document.installations[1].installation)
        #expect(try directory.installation(uuid: "installation-2")?.dateDeleted != nil)
        #expect(try directory.installation(uuid: "installation-none") == nil)
        #expect(try directory.installation(uuid: "INSTALLATION-1") == nil)
    }

    @Test(arguments: DeliveryCase.allCases)
    func aHookIsFoundByInstallationAndOrganizationWithItsProjects(kind: DeliveryCase) throws {
        let subject = try kind.make()
        let directory = subject.directory
        defer { subject.keep() }

        #expect(
            try directory.serviceHook(installationID: 1, organizationID: 1) == DirectoryDocument.sample.serviceHooks[0])
        #expect(try directory.serviceHook(installationID: 1, organizationID: 2) == nil)
        #expect(try directory.serviceHook(installationID: 2, organizationID: 1) == nil)
    }

    @Test(arguments: DeliveryCase.allCases)
    func twoHooksOfOneInstallationAreCorrupt(kind: DeliveryCase) throws {
        var document = DirectoryDocument.sample
        document.serviceHooks.append(
            ServiceHook(id: 2, installationID: 1, organizationID: 1, url: "https://example.com", events: []))
        let subject = try kind.make(document)
        let directory = subject.directory
        defer { subject.keep() }

        let error = #expect(throws: DirectoryError.self) {
            try directory.serviceHook(installationID: 1, organizationID: 1)
        }

        guard case .corrupt = error else { throw TestSupportError("\(error as Any)") }
    }

    @Test(arguments: DeliveryCase.allCases)
    func aProjectIsFoundByItsSlugWithinItsOrganization(kind: DeliveryCase) throws {
        var document = DirectoryDocument.sample
        document.projects.append(Project(id: 2, slug: "web", organizationID: 2))
        let subject = try kind.make(document)
        let directory = subject.directory
        defer { subject.keep() }

        #expect(try directory.project(slug: "web", organizationID: 1)?.id == 1)
        #expect(try directory.project(slug: "web", organizationID: 2)?.id == 2)
        #expect(try directory.project(slug: "WEB", organizationID: 1) == nil)
    }

    @Test(arguments: DeliveryCase.allCases)
    func ownersAreActiveAndHaveTheRoleThemselvesInTheOrderOfIds(kind: DeliveryCase) throws {
        var document = DirectoryDocument.sample
        document.users += [
            User(id: 10, username: "zoe", email: "zoe@acme.example"),
            User(id: 9, username: "yan", email: "yan@acme.example"),
            User(id: 8, username: "left", email: "left@acme.example", isActive: false),
            User(id: 7, username: "team", email: "team@acme.example"),
        ]
        document.memberships += [
            Membership(userID: 10, organizationID: 1, role: .owner),
            Membership(userID: 9, organizationID: 1, role: .owner),
            Membership(userID: 9, organizationID: 2, role: .manager),
            Membership(userID: 8, organizationID: 1, role: .owner),
            Membership(userID: 7, organizationID: 1, role: .member, teamRoles: [.owner]),
        ]
        let subject = try kind.make(document)
        let directory = subject.directory
        defer { subject.keep() }

        #expect(try directory.owners(organizationID: 1).map(\.id) == [1, 9, 10])
        #expect(try directory.owners(organizationID: 2).isEmpty)
    }
}
