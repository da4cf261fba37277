import Directory
import Model
import PostgreSQL
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// What Hookline keeps of an app beside an original, changed with the role of `role.sql`.
@Suite struct OriginalSettingsTests {
    private static let now = Timestamp(seconds: 1_750_000_000)
    private static let id = OriginalFixture.appID

    private static func audit() -> AuditEntry.Draft {
        AuditEntry.Draft(
            organizationID: OriginalFixture.owner, event: AuditEntry.previousSecretsChanged, actorLabel: "alice",
            date: now)
    }

    /// The rows of every table of the original that Hookline reads, as text.
    private static func originals(_ fixture: OriginalFixture) throws -> [[String?]] {
        try ["sentry_sentryapp", "sentry_apiapplication", "sentry_auditlogentry"].flatMap {
            try fixture.database.rows("SELECT t::text FROM \($0) t ORDER BY 1")
        }
    }

    /// Also where the role may not disable apps: nothing of the original's is changed or locked.
    @Test(arguments: PostgreSQLOriginal.allCases, ["on", "off"])
    func settingsAndPreviousSecretsAreKeptBesideTheOriginal(release: PostgreSQLOriginal, disabling: String) throws {
        let fixture = try OriginalFixture(release)
        try PostgreSQLOriginal.giveRights(
            fixture.database.server, database: fixture.database.name, variables: ["disabling=\(disabling)"])
        let before = try Self.originals(fixture)
        let secret = try #require(try fixture.directory.app(slug: OriginalFixture.slug)).clientSecret

        let isThere = try fixture.directory.changeSettings(ofApp: Self.id, at: Self.now) { settings in
            #expect(settings.clientSecret == secret)
            settings.deliveryPolicy = .standard
            settings.webhookTimeoutMilliseconds = 800
            settings.headers = [.init(name: "X-Own", value: Secret("own"))]
            settings.previousSecrets = [.init(secret: Secret("old"), validUntil: Self.now.adding(seconds: 9))]
            return Self.audit()
        }

        #expect(isThere)
        let app = try #require(try fixture.directory.app(id: Self.id))
        #expect(app.deliveryPolicy == .standard && app.webhookTimeoutMilliseconds == 800)
        #expect(app.customHeaders.contains { $0.name == "X-Own" })
        #expect(app.signingSecrets(at: Self.now) == [secret, Secret("old")])
        #expect(app.signingSecrets(at: Self.now.adding(seconds: 9)) == [secret])
        #expect(try Self.originals(fixture) == before)
        let entries = try fixture.directory.document().auditEntries
        #expect(entries.map(\.event) == [AuditEntry.previousSecretsChanged])
        #expect(try fixture.directory.document().apps.first { $0.app.id == Self.id }?.app == app)
    }

    @Test func theClientSecretIsTheOriginalsAndNothingOfAChangeThatHasOneIsWritten() throws {
        let fixture = try OriginalFixture()
        let superuser = try OriginalFixture.directory(fixture.database, user: "postgres")
        let before = try fixture.directory.document()

        let error = #expect(throws: DirectoryError.self) {
            try superuser.changeSettings(ofApp: Self.id, at: Self.now) { settings in
                settings.deliveryPolicy = .standard
                settings.clientSecret = Secret("fresh-secret")
                return Self.audit()
            }
        }

        guard case .readOnlyTables(_, let reason) = error else { throw TestSupportError("\(error as Any)") }
        #expect(reason.contains("previous-secret add") && !reason.contains("fresh-secret"))
        #expect(try fixture.directory.document() == before)
    }

    @Test func headersOfTheOriginalAreNamedAndNotAmongHooklines() throws {
        let fixture = try OriginalFixture(.release26)
        try fixture.execute(
            """
            UPDATE sentry_sentryapp SET webhook_headers = ARRAY['X-Theirs: a', 'X-Both: b'] WHERE id = \(Self.id);
            INSERT INTO hookline.app_headers VALUES (\(Self.id), 0, 'X-Both', 'c'), (\(Self.id), 1, 'X-Own', 'd');
            """)
        var seen = AppSettings()

        _ = try fixture.directory.changeSettings(ofApp: Self.id, at: Self.now) { settings in
            seen = settings
            settings.headers.removeFirst()
            return Self.audit()
        }

        #expect(seen.headers.map(\.name) == ["X-Both", "X-Own"])
        #expect(seen.foreignHeaderNames == ["X-Theirs"])
        let headers = try fixture.directory.app(id: Self.id)?.customHeaders.map { "\($0.name)=\($0.value.exposed)" }
        #expect(headers == ["X-Theirs=a", "X-Both=b", "X-Own=d"])
    }

    @Test func withoutTheSchemaAChangeSaysHowToMakeIt() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("DROP SCHEMA hookline CASCADE")
        let directory = try OriginalFixture.directory(fixture.database)

        let error = #expect(throws: DirectoryError.self) {
            try directory.changeSettings(ofApp: Self.id, at: Self.now) { _ in Self.audit() }
        }

        #expect(error?.description.contains("hookline directory migrate") == true)
        #expect(try directory.app(slug: OriginalFixture.slug)?.previousSecrets.isEmpty == true)
    }

    /// The programs' role may read the secret of a stand-alone directory, and change all but that.
    @Test func inAStandaloneDirectoryTheRoleOfTheProgramsMayNotChangeTheSecret() throws {
        let database = try PostgreSQLDatabase.standalone()
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        let app = SentryApp(
            id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .published, uuid: "u", clientSecret: Secret("a"))
        document.apps = [.init(app: app, dateAdded: nil, components: [])]
        try PostgreSQLDirectoryWriter(address: try database.address(user: "postgres"))
            .importDocument(document, isReplacing: false, at: Self.now)
        let directory = PostgreSQLDirectory(address: try database.address(), connectionCount: 1)
        let draft = AuditEntry.Draft(
            organizationID: 1, event: AuditEntry.appSettingsChanged, actorLabel: "alice", date: Self.now)

        let error = #expect(throws: DirectoryError.self) {
            try directory.changeSettings(ofApp: 1, at: Self.now) { settings in
                settings.clientSecret = Secret("b")
                return draft
            }
        }
        _ = try directory.changeSettings(ofApp: 1, at: Self.now) { settings in
            settings.deliveryPolicy = .sentry
            return draft
        }

        guard case .missingRight(_, let object, _) = error else { throw TestSupportError("\(error as Any)") }
        #expect(object == "public.sentry_apiapplication.client_secret")
        #expect(try directory.app(slug: "radar")?.clientSecret == Secret("a"))
        #expect(try directory.app(slug: "radar")?.deliveryPolicy == .sentry)
    }
}
