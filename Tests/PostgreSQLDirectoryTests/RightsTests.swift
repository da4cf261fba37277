import Directory
import Model
import PostgreSQL
import TestSupport
import Testing

@testable import PostgreSQLDirectory

@Suite struct RightsTests {
    /// Every column that `role.sql` lets the role read, by table.
    private static func readableColumns(_ fixture: OriginalFixture) throws -> [(table: String, column: String)] {
        try fixture.database.rows(
            """
            SELECT c.oid::regclass::text, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE n.nspname = 'public' AND c.relkind = 'r' AND has_column_privilege('hookline', c.oid, a.attnum, 'SELECT')
            """
        ).map { (table: $0[0] ?? "", column: $0[1] ?? "") }
    }

    /// Every look-up, with the name under which its failure is known.
    private static func failures(_ directory: PostgreSQLDirectory) -> [DirectoryError] {
        let presented = PresentedCredential("0123456789abcdef")
        let range = Timestamp(seconds: 0)...Timestamp(seconds: 1)
        let event = String(repeating: "0", count: 32)
        let calls: [() throws -> Void] = [
            { _ = try directory.app(slug: "pub-app") },
            { _ = try directory.app(id: 17) },
            { _ = try directory.components(appID: 17) },
            { _ = try directory.user(login: "a") },
            { _ = try directory.sessionUser(id: 1) },
            { _ = try directory.membership(userID: 1, organizationID: 1) },
            { _ = try directory.isMemberInCopies(userID: 1, organizationID: 1) },
            { _ = try directory.organizationInCopies(id: 1) },
            { _ = try directory.organization(slug: "a") },
            { _ = try directory.token(presented) },
            { _ = try directory.apiKey(presented) },
            { _ = try directory.organizationToken(presented) },
            { _ = try directory.project(slug: "a", organizationID: 1) },
            { _ = try directory.issueEvent(projectID: 1, eventID: event) },
            { _ = try directory.hasInstallation(appID: 1, organizationID: 1) },
            { _ = try directory.installationStatistics(appID: 1, addedIn: range) },
            { _ = try directory.serviceHook(installationID: 1, organizationID: 1) },
            { _ = try directory.owners(organizationID: 1) },
            { _ = try directory.pendingNotices(limit: 1) },
            { _ = try directory.tokens() },
            { _ = try directory.apps() },
        ]
        return calls.compactMap { call in
            do {
                try call()
                return nil
            } catch {
                return error as? DirectoryError
            }
        }
    }

    @Test(arguments: PostgreSQLOriginal.allCases)
    func theRightsOfTheScriptAreEnoughForEverything(release: PostgreSQLOriginal) throws {
        let fixture = try OriginalFixture(release)

        #expect(Self.failures(fixture.directory).isEmpty)
        #expect(try fixture.directory.missingRights().isEmpty)
        #expect(throws: Never.self) { try fixture.directory.check() }
        #expect(throws: Never.self) { try fixture.directory.document() }
        #expect(try fixture.directory.disable(appID: OriginalFixture.appID, reason: "x", audit: .disabling()))
        #expect(try fixture.directory.enable(appID: OriginalFixture.appID, audit: .enabling()))
    }

    /// No right is given in vain, and no look-up reads a column that it does not ask for before.
    @Test(arguments: PostgreSQLOriginal.allCases)
    func aColumnThatMayNotBeReadIsNamedByTheLookUpsThatNeedItAndTheOthersWork(release: PostgreSQLOriginal) throws {
        let fixture = try OriginalFixture(release)
        let whole = Self.failures(fixture.directory).count
        #expect(whole == 0)

        for (table, column) in try Self.readableColumns(fixture) {
            try fixture.execute("REVOKE SELECT (\(column)) ON \(table) FROM hookline")
            let directory = try OriginalFixture.directory(fixture.database, connectionCount: 1)
            let failures = Self.failures(directory)
            let findings = try directory.missingRights()
            // Without the right the log has no links, and nothing fails.
            let isSilent = ["nodestore_node", "sentry_grouphash"].contains(table)
            #expect(failures.isEmpty == isSilent, "\(table).\(column)")
            #expect(failures.count < 12, "\(table).\(column)")
            for failure in failures {
                guard case .missingRight(_, let object, let grant) = failure else {
                    Issue.record("\(table).\(column): \(failure)")
                    continue
                }
                #expect(object == "public.\(table).\(column)")
                #expect(grant == "GRANT SELECT (\(column)) ON public.\(table) TO \"hookline\"")
            }
            #expect(findings.contains { $0.objects.contains("public.\(table).\(column)") }, "\(table).\(column)")
            try fixture.execute("GRANT SELECT (\(column)) ON \(table) TO hookline")
        }
    }

    @Test func optionalRightsAreTakenAwayByTheScriptAndReportedByTheFindings() throws {
        let fixture = try OriginalFixture()
        try PostgreSQLOriginal.giveRights(
            fixture.database.server, database: fixture.database.name,
            variables: ["sessions=off", "event_links=off", "disabling=off"])
        let directory = try OriginalFixture.directory(fixture.database)
        let sequence = "SELECT has_sequence_privilege('hookline', 'sentry_auditlogentry_id_seq', 'usage')"

        let findings = try directory.missingRights()

        #expect(try fixture.database.rows(sequence) == [["f"]])
        #expect(findings.map(\.feature) == [.sessions, .disabling, .eventLinks])
        #expect(findings.allSatisfy { $0.feature.isOptional })
        #expect(findings[0].objects == ["public.auth_user.password", "public.auth_user.session_nonce"])
        #expect(
            findings[0].remedies == ["GRANT SELECT (password, session_nonce) ON public.auth_user TO \"hookline\""])
        #expect(findings[1].remedies == ["GRANT UPDATE (events) ON public.sentry_sentryapp TO \"hookline\""])
        let event = fixture.memory.issueEvents[0]
        #expect(try directory.issueEvent(projectID: event.projectID, eventID: event.eventID) == nil)
        let error = #expect(throws: DirectoryError.self) {
            try directory.disable(appID: OriginalFixture.appID, reason: "x", audit: .disabling())
        }
        #expect(error?.description.contains("GRANT UPDATE (events)") == true)
        #expect(try fixture.value("SELECT count(*) FROM hookline.disabled_apps") == "0")
    }

    @Test func aRightThatIsGivenLaterCountsWithoutARestart() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("REVOKE SELECT (password) ON auth_user FROM hookline")
        let user = fixture.memory.users[0]
        #expect(throws: DirectoryError.self) { try fixture.directory.sessionUser(id: user.id) }

        try fixture.execute("GRANT SELECT (password) ON auth_user TO hookline")

        try waitUntil("the right is seen") { (try? fixture.directory.sessionUser(id: user.id)) != nil }
    }

    @Test func aRightThatIsTakenAwayLaterIsNamed() throws {
        let fixture = try OriginalFixture()
        #expect(try fixture.directory.sessionUser(id: fixture.memory.users[0].id) != nil)

        try fixture.execute("REVOKE SELECT (session_nonce) ON auth_user FROM hookline")

        let error = #expect(throws: DirectoryError.self) { try fixture.directory.sessionUser(id: 1) }
        guard case .missingRight(_, let object, _) = error else { throw TestSupportError("\(error as Any)") }
        #expect(object == "public.auth_user.session_nonce")
    }

    @Test func theSchemaOfHooklineMayNotBeUsedWithoutTheRight() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("REVOKE USAGE ON SCHEMA hookline FROM hookline")
        let directory = try OriginalFixture.directory(fixture.database)

        let error = #expect(throws: DirectoryError.self) { try directory.app(id: OriginalFixture.appID) }

        guard case .missingRight(_, _, let grant) = error else { throw TestSupportError("\(error as Any)") }
        #expect(grant == "GRANT USAGE ON SCHEMA hookline TO \"hookline\"")
        #expect(try directory.user(id: fixture.memory.users[0].id) != nil)
        #expect(try directory.missingRights().map(\.feature).contains(.disabling))
    }

    @Test func withoutTheSchemaOfHooklineLookUpsWorkAndDisablingSaysWhatToDo() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("DROP SCHEMA hookline CASCADE")
        let directory = try OriginalFixture.directory(fixture.database)

        #expect(try directory.app(id: OriginalFixture.appID)?.slug == OriginalFixture.slug)
        #expect(try directory.pendingNotices(limit: 1).isEmpty)
        let error = #expect(throws: DirectoryError.self) {
            try directory.disable(appID: OriginalFixture.appID, reason: "x", audit: .disabling())
        }

        #expect(error?.description.contains("hookline directory migrate") == true)
        #expect(try directory.missingRights().map(\.remedies) == [["hookline directory migrate"]])
    }

    @Test func noMessageContainsThePasswordOfTheAddress() throws {
        let database = try PostgreSQLDatabase()
        let directory = PostgreSQLDirectory(
            address: try PostgreSQLAddress(
                parsing:
                    "postgres://postgres:hunter2@/\(database.name)?host=\(database.server.folder)"), connectionCount: 1)

        let error = #expect(throws: DirectoryError.self) { try directory.check() }

        #expect(!directory.name.contains("hunter2"))
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.description.contains("public.sentry_sentryapp") == true)
    }
}
