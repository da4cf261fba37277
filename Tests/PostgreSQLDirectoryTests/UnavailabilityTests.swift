import Directory
import Model
import TestSupport
import Testing

@testable import PostgreSQL
@testable import PostgreSQLDirectory

/// A database that cannot be used is an error, never an empty directory.
@Suite struct UnavailabilityTests {
    /// A server of this test alone, with an original's directory.
    private struct Subject {
        let server: PostgreSQLServer
        let directory: PostgreSQLDirectory

        init(user: String = "postgres", limits: DirectoryConnections.Limits = .init()) throws {
            server = try PostgreSQLServer()
            try PostgreSQLOriginal.makeTables(server.connection())
            try PostgreSQLGolden(Golden(name: "101")).load(server.connection())
            try PostgreSQLOriginal.migrate(server, database: "postgres")
            try PostgreSQLOriginal.giveRights(server, database: "postgres")
            let address = try PostgreSQLAddress(parsing: server.url(user: PostgreSQLOriginal.role))
            directory = PostgreSQLDirectory(
                pool: PostgreSQLPool(address: address, limits: .init(maximumCount: 2)), limits: limits)
            #expect(try directory.app(id: OriginalFixture.appID) != nil)
        }

        func expectUnavailable(sourceLocation: SourceLocation = #_sourceLocation) {
            let calls: [() throws -> Void] = [
                { _ = try directory.app(slug: "unknown") }, { _ = try directory.user(id: 1) },
                { _ = try directory.token(PresentedCredential("x")) }, { _ = try directory.owners(organizationID: 1) },
                { _ = try directory.issueEvent(projectID: 1, eventID: "x") }, { _ = try directory.document() },
                { _ = try directory.disable(appID: 999, reason: "x", audit: .disabling()) },
            ]
            for call in calls {
                let error = #expect(throws: DirectoryError.self, sourceLocation: sourceLocation) { try call() }
                guard case .unavailable = error else {
                    Issue.record("\(error as Any)", sourceLocation: sourceLocation)
                    continue
                }
            }
        }
    }

    /// What may end by itself is waited for when a program starts; what needs an administrator is not.
    @Test(
        arguments: [
            ("53100", true), ("53200", true), ("58030", true), ("58P01", true), ("XX000", true), ("XX001", true),
            ("3D000", false), ("42601", false), ("28P01", false), ("42501", false),
        ])
    func theFirstErrorOfAProgramIsPassingOrNot(sqlstate: String, isPassing: Bool) throws {
        let connections = DirectoryConnections(
            pool: PostgreSQLPool(
                address: try PostgreSQLAddress(parsing: "postgres://127.0.0.1/x"), limits: .init(maximumCount: 1)),
            limits: .init())
        let message = PostgreSQLServerMessage(
            sqlstate: sqlstate, text: "x", table: nil, column: nil, constraint: nil)

        let error = connections.firstError(PostgreSQLError(message))

        if case .unavailable = error { #expect(isPassing) } else { #expect(!isPassing, "\(error)") }
    }

    @Test func aServerThatIsDownIsUnavailableAndServesAgainWhenItIsUp() throws {
        let subject = try Subject()

        try subject.server.stop()
        subject.expectUnavailable()
        try subject.server.start()

        try waitUntil("it is used again") { (try? subject.directory.app(id: OriginalFixture.appID)) != nil }
    }

    @Test func aServerThatStallsIsUnavailableInTime() throws {
        let subject = try Subject(
            limits: .init(
                lookUp: .milliseconds(100), change: .milliseconds(100), wholeDirectory: .milliseconds(100)))

        subject.server.suspend()
        defer { subject.server.resume() }

        subject.expectUnavailable()
    }

    @Test func aRoleThatMayNotLogInIsUnavailable() throws {
        let subject = try Subject()
        try subject.server.connection().execute("ALTER ROLE hookline NOLOGIN")
        try subject.server.terminateConnections()

        subject.expectUnavailable()
    }

    @Test func aServerThatAcceptsNoChangesServesLookUpsAndRefusesChanges() throws {
        let subject = try Subject()
        try subject.server.setReadOnly(true)

        #expect(try subject.directory.app(id: OriginalFixture.appID) != nil)
        let error = #expect(throws: DirectoryError.self) {
            try subject.directory.disable(appID: OriginalFixture.appID, reason: "x", audit: .disabling())
        }

        guard case .unavailable = error else { throw TestSupportError("\(error as Any)") }
        try subject.server.setReadOnly(false)
        #expect(try subject.directory.disable(appID: OriginalFixture.appID, reason: "x", audit: .disabling()))
    }

    @Test func everythingWorksThroughAPoolerThatGivesEachStatementAnotherConnection() throws {
        let fixture = try OriginalFixture()
        let pooler = try Pgbouncer(fixture.database.server, poolSize: 2)
        let address = try PostgreSQLAddress(parsing: pooler.url(database: fixture.database.name))
        let directory = PostgreSQLDirectory(address: address, connectionCount: 4)

        try runThreads(count: 4) { _ in
            for app in fixture.memory.apps {
                #expect((try? directory.app(id: app.id))?.slug == app.slug)
            }
        }

        let app = OriginalFixture.appID
        #expect(try directory.disable(appID: app, reason: "x", audit: .disabling()))
        #expect(try directory.enable(appID: app, audit: .enabling()))
        #expect(try directory.document().apps.count == fixture.memory.apps.count)
        #expect(try directory.missingRights().isEmpty)
    }
}
