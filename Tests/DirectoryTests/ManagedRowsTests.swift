import Model
import PostgreSQLDirectory
import TestSupport
import Testing

@testable import Directory

/// Changes row by row, in both stores.
@Suite struct ManagedRowsTests {
    private static let now = Timestamp(seconds: 1_750_000_000)
    private static let later = Timestamp(seconds: 1_750_000_060)

    private static func change<Result>(
        _ fixture: StoreFixture, at now: Timestamp = now,
        _ body: (any DirectoryRows) throws(DirectoryError) -> Result
    ) throws -> Result {
        try fixture.writable().changeRows(at: now, failing: { $0 }) { (rows) throws(DirectoryError) in
            try body(rows)
        }
    }

    @Test(arguments: DirectoryCase.allCases)
    func anAppThatIsWrittenAgainIsTheSame(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let before = try fixture.directory.document()

        try Self.change(fixture) { (rows) throws(DirectoryError) in
            var document = DirectoryDocument()
            for app in before.apps where app.app.dateDeleted == nil {
                guard let entry = try rows.app(id: app.app.id) else { continue }
                document.apps.append(entry)
            }
            try rows.write(document)
        }

        let after = try fixture.directory.document()
        #expect(after == before)
        let key = RowKey(.apps, "1")
        #expect(try fixture.directory.lastChange(of: key) == Self.now)
        #expect(try fixture.directory.lastChange(of: RowKey(.users, "1")) != Self.now)
    }

    @Test(arguments: DirectoryCase.allCases)
    func twoChangesAtTheSameTimeAreTwoVersions(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        var times: [Timestamp?] = []
        for _ in 0..<2 {
            try Self.change(fixture) { (rows) throws(DirectoryError) in
                guard let entry = try rows.app(id: 1) else { return }
                var document = DirectoryDocument()
                document.apps = [entry]
                try rows.write(document)
            }
            times.append(try fixture.directory.lastChange(of: RowKey(.apps, "1")))
        }

        #expect(times == [Self.now, Timestamp(microseconds: Self.now.microseconds + 1)])
    }

    @Test(arguments: DirectoryCase.allCases)
    func aRefusedChangeLeavesNothing(kind: DirectoryCase) throws {
        struct Refusal: Error {}
        let fixture = try kind.make()
        let before = try fixture.directory.document()

        #expect(throws: Refusal.self) {
            try fixture.writable().changeRows(at: Self.now, failing: { _ in Refusal() }) { (rows) throws(Refusal) in
                do throws(DirectoryError) {
                    try rows.deleteInstallations(ofApp: 1)
                    try rows.updateHooks(ofApp: 1, url: "https://other.example/", events: ["issue.created"])
                    try rows.record(
                        AuditEntry.Draft(organizationID: 1, event: 1, actorLabel: "alice", date: Self.now))
                } catch {
                    Issue.record("\(error)")
                }
                throw Refusal()
            }
        }

        #expect(try fixture.directory.document() == before)
    }

    @Test(arguments: DirectoryCase.allCases)
    func aTakenSlugIsAConflict(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let slug = try #require(try fixture.directory.document().apps.first?.app.slug)

        #expect(throws: DirectoryError.self) {
            try Self.change(fixture) { (rows) throws(DirectoryError) in
                var document = DirectoryDocument()
                document.apps = [
                    .init(
                        app: SentryApp(
                            id: try rows.nextID(of: .apps), slug: slug, name: "x", ownerID: 1, status: .internal,
                            uuid: "another"), dateAdded: Self.now, components: [])
                ]
                try rows.write(document)
            }
        }
    }

    /// Keys in Redis are made of ids: a new app must not get the log of one that an import has removed.
    @Test(arguments: DirectoryCase.allCases)
    func theIdOfARemovedRowIsNotGivenAgain(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        var document = try fixture.directory.document()
        let last = try #require(document.apps.map(\.app.id).max())
        let installations = Set(document.installations.filter { $0.installation.appID == last }.map(\.installation.id))
        document.apps.removeAll { $0.app.id == last }
        document.installations.removeAll { installations.contains($0.installation.id) }
        document.serviceHooks.removeAll { installations.contains($0.installationID) }
        try fixture.importDocument(document, isReplacing: true)

        let next = try Self.change(fixture) { (rows) throws(DirectoryError) in try rows.nextID(of: .apps) }

        #expect(next == last + 1)
    }

    @Test(arguments: DirectoryCase.allCases)
    func hooksAndInstallationsOfAnAppChangeTogether(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let before = try fixture.directory.document()
        let present = before.installations.map(\.installation).filter { $0.appID == 1 && $0.dateDeleted == nil }
        let organizationID = try #require(present.first).organizationID
        #expect(
            try fixture.directory.installations(organizationID: organizationID, limit: 100).map(\.id)
                == before.installations.map(\.installation)
                .filter { $0.organizationID == organizationID && $0.dateDeleted == nil }.map(\.id).sorted())

        func update(_ rows: any DirectoryRows) throws(DirectoryError) -> Bool {
            try rows.updateHooks(ofApp: 1, url: "https://other.example/", events: ["issue.created", "error.created"])
        }
        #expect(try Self.change(fixture) { (rows) throws(DirectoryError) in try update(rows) })
        try Self.change(fixture, at: Self.later) { (rows) throws(DirectoryError) in
            let isChanged = try update(rows)
            #expect(!isChanged)
            try rows.deleteInstallations(ofApp: 1)
        }

        let after = try fixture.directory.document()
        let ids = Set(present.map(\.id))
        for hook in after.serviceHooks {
            let old = try #require(before.serviceHooks.first { $0.id == hook.id })
            let isChanged = ids.contains(hook.installationID)
            #expect(hook.url == (isChanged ? "https://other.example/" : old.url))
            #expect(hook.events == (isChanged ? ["issue.created", "error.created"] : old.events))
            #expect(hook.projectIDs == old.projectIDs)
            let changedAt = try fixture.directory.lastChange(of: RowKey(.serviceHooks, String(hook.id)))
            #expect((changedAt == Self.now) == isChanged, "only what differs is a change")
        }
        for row in after.installations.map(\.installation) {
            let old = try #require(before.installations.first { $0.installation.id == row.id }).installation
            #expect(row.dateDeleted == (ids.contains(row.id) ? Self.later : old.dateDeleted))
            let changedAt = try fixture.directory.lastChange(of: RowKey(.installations, String(row.id)))
            #expect((changedAt == Self.later) == ids.contains(row.id))
        }
        #expect(
            try fixture.directory.installations(organizationID: organizationID, limit: 100).allSatisfy {
                $0.appID != 1
            })
    }

    @Test(arguments: DirectoryCase.allCases)
    func peopleAreFoundAndARemovedMembershipIsAChange(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let before = try fixture.directory.document()
        let membership = try #require(before.memberships.first)
        let (userID, organizationID) = (membership.userID, membership.organizationID)
        let organization = try #require(before.organizations.first { $0.id == organizationID })
        let user = try #require(before.users.first { $0.id == userID })
        let isOther = { (row: Membership) in row.userID != userID || row.organizationID != organizationID }

        try Self.change(fixture) { (rows) throws(DirectoryError) in
            let found = try (
                rows.organization(slug: organization.slug), rows.user(id: userID), rows.user(username: user.username),
                rows.membership(userID: userID, organizationID: organizationID)
            )
            #expect(found == (organization, user, user, membership))
            let organizations = try rows.organizationIDs(ofUser: userID)
            #expect(organizations == before.memberships.filter { $0.userID == userID }.map(\.organizationID).sorted())
            let absent = try (rows.organization(slug: "none"), rows.user(id: 0), rows.user(username: "none"))
            #expect(absent == (nil, nil, nil))
            let sharing = try rows.users(email: user.email.uppercased())
            #expect(sharing.contains(user) && sharing.count <= 2)
            try rows.removeMembership(userID: userID, organizationID: organizationID)
            // Without effect, and no change.
            try rows.removeMembership(userID: 0, organizationID: organizationID)
        }

        #expect(try fixture.directory.document().memberships == before.memberships.filter(isOther))
        let key = RowKey(.memberships, "\(userID)/\(organizationID)")
        #expect(try fixture.directory.lastChange(of: key) == Self.now)
        #expect(try fixture.directory.lastChange(of: RowKey(.memberships, "0/\(organizationID)")) == nil)
    }

    @Test(arguments: DirectoryCase.allCases)
    func organizationsUsersAndMembersAreListed(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let document = try fixture.directory.document()

        #expect(try fixture.directory.organizations() == document.organizations.sorted { $0.slug < $1.slug })
        #expect(try fixture.directory.users() == document.users.sorted { $0.username < $1.username })
        for organization in document.organizations {
            let members = try fixture.directory.members(organizationID: organization.id)
            let expected = document.memberships.filter { $0.organizationID == organization.id }
            #expect(Set(members.map(\.membership)) == Set(expected))
            #expect(members.allSatisfy { $0.user.id == $0.membership.userID })
            #expect(members.map(\.user.username) == members.map(\.user.username).sorted())
        }
    }

    @Test(arguments: DirectoryCase.allCases)
    func aProgramThatMayOnlyReadSaysSo(kind: DirectoryCase) throws {
        let fixture = try kind.make()

        #expect(try fixture.writable().managementProblem() == nil)
        switch kind {
        case .sqlite: break
        case .postgreSQL:
            guard case .missingRight(_, let object, _)? = try fixture.directory.managementProblem() else {
                Issue.record("no missing right")
                return
            }
            #expect(object.hasPrefix("public.sentry_"))
        }
    }

    /// With `management=on` the role of the programs changes and imports as the owner of the tables does; without, it
    /// keeps what delivery needs.
    @Test func theRoleOfTheProgramsGetsTheRightsWithAVariable() throws {
        let fixture = try PostgreSQLFixture(.sample)
        func giveRights(_ variables: String...) throws {
            try PostgreSQLOriginal.giveRights(
                fixture.database.server, database: fixture.database.name, variables: variables)
        }
        func audit(_ event: Int) -> AuditEntry.Draft {
            AuditEntry.Draft(organizationID: 1, event: event, actorLabel: "alice", date: Self.now)
        }

        try giveRights("management=on")
        let directory = try PostgreSQLFixture.open(fixture.database)
        #expect(try directory.managementProblem() == nil)
        try directory.changeRows(at: Self.now, failing: { $0 }) { (rows) throws(DirectoryError) in
            guard let entry = try rows.app(id: 1) else { return }
            var document = DirectoryDocument()
            document.apps = [entry]
            try rows.write(document)
            try rows.record(audit(1))
        }
        var document = try directory.document()
        document.organizations[0].name = "Renamed"
        document.auditEntries.append(
            AuditEntry(id: 900, organizationID: 1, event: 2, actorLabel: "bob", date: Self.now))
        try PostgreSQLDirectoryWriter(address: try fixture.database.address())
            .importDocument(document, isReplacing: false, at: Self.now)
        #expect(try directory.organization(id: 1)?.name == "Renamed")

        for (taken, object) in [
            ("DELETE ON public.sentry_servicehook", "public.sentry_servicehook"),
            ("INSERT ON hookline.previous_secrets", "hookline.previous_secrets"),
            ("UPDATE (email) ON public.auth_user", "public.auth_user"),
        ] {
            // A right on single columns can be taken away only where it was not given on the whole table.
            let table = taken.contains("(") ? "REVOKE UPDATE ON \(object) FROM hookline;" : ""
            try fixture.database.execute("\(table) REVOKE \(taken) FROM hookline")
            let lacking = try PostgreSQLFixture.open(fixture.database)
            guard case .missingRight(_, let named, _)? = try lacking.managementProblem() else {
                Issue.record("nothing lacks \(taken)")
                return
            }
            #expect(named == object)
            try giveRights("management=on")
        }

        try giveRights()
        let reading = try PostgreSQLFixture.open(fixture.database)
        #expect(try reading.managementProblem() != nil)
        #expect(try reading.disable(appID: 1, reason: "r", audit: audit(3)))
    }
}
