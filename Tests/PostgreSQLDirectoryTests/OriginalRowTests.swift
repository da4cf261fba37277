import Directory
import Model
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// Rows as an original may have them.
@Suite struct OriginalRowTests {
    private static let app = OriginalFixture.appID

    @Test func everyColumnThatMayBeNullIsReadAsAbsent() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            UPDATE sentry_sentryapp SET events = NULL, scope_list = NULL, author = NULL, overview = NULL,
                webhook_url = NULL, redirect_url = NULL, popularity = NULL, date_published = NULL, application_id = NULL,
                proxy_user_id = NULL WHERE id = 17;
            UPDATE sentry_servicehook SET events = NULL, guid = NULL WHERE actor_id = 1000;
            UPDATE sentry_apitoken SET scope_list = NULL;
            UPDATE auth_user SET is_sentry_app = NULL;
            UPDATE sentry_organizationmapping SET status = NULL;
            UPDATE sentry_project SET slug = NULL;
            INSERT INTO sentry_apikey (organization_id, label, key, scopes, status, date_added)
            VALUES (298, '', 'key', 1024, 0, now())
            """)
        let directory = fixture.directory

        let app = try #require(try directory.app(slug: OriginalFixture.slug))
        #expect(app.events == [] && app.scopes == [] && app.clientSecret == Secret("") && app.proxyUserID == nil)
        #expect(app.author == nil && app.webhookURL == nil && app.popularity == 1)
        let hook = try directory.serviceHook(
            installationID: OriginalFixture.installation, organizationID: OriginalFixture.owner)
        #expect(hook?.events == [])
        #expect(try directory.user(id: fixture.memory.users[0].id)?.isSentryApp == false)
        #expect(try directory.organizationInCopies(id: OriginalFixture.owner)?.status == .active)
        #expect(try directory.project(id: fixture.memory.projects[0].id)?.slug == "")
        let key = try #require(try directory.apiKey(PresentedCredential("key")))
        #expect(key.scopes == ScopeSet(.orgRead) && key.isActive && key.allowedOrigins == [])
        #expect(try directory.sessionUser(id: fixture.memory.users[0].id)?.nonce == nil)
    }

    @Test func nullElementsOfListsAreLeftOut() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            "UPDATE sentry_sentryapp SET events = '{NULL,issue.created,\"a,b\"}', scope_list = '{NULL,org:read}'")

        let app = try fixture.directory.app(id: Self.app)

        #expect(app?.events == ["issue.created", "a,b"])
        #expect(app?.scopes == ScopeSet(.orgRead))
    }

    @Test func scopesAreTheListOrTheBitsWhereItIsEmptyAndUnknownOnesAreLeftOut() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            DELETE FROM sentry_apitoken;
            INSERT INTO sentry_apitoken (scopes, scope_list, token, date_added, user_id) VALUES
                (1024, '{}', 'bits', now(), 8250), (1024, NULL, 'null', now(), 8250),
                (1024, '{project:read}', 'both', now(), 8250),
                (0, '{project:read,seer:fly}', 'unknown', now(), 8250),
                (\((1 << 40) | 0x1_FFFF), '{}', 'many', now(), 8250)
            """)
        func scopes(_ token: String) throws -> ScopeSet? {
            try fixture.directory.token(PresentedCredential(token))?.scopes
        }

        #expect(try scopes("bits") == ScopeSet(.orgRead))
        #expect(try scopes("null") == ScopeSet(.orgRead))
        #expect(try scopes("both") == ScopeSet(.projectRead))
        #expect(try scopes("unknown") == ScopeSet(.projectRead))
        #expect(try scopes("many")?.rawValue == 0xFFFF)
    }

    @Test func aTokenOfAnApplicationHasItsStateAndItsOrigins() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            UPDATE sentry_apiapplication SET allowed_origins = E'https://a.test\\nhttps://b.test' WHERE id = 1;
            UPDATE sentry_apiapplication SET status = 1 WHERE id = 2;
            INSERT INTO sentry_apitoken (scopes, token, date_added, user_id, application_id, expires_at) VALUES
                (0, 'active', now(), 8250, 1, '2030-01-01 00:00:00.123456+00'), (0, 'inactive', now(), 8250, 2, NULL)
            """)

        let active = try fixture.directory.token(PresentedCredential("active"))
        let inactive = try fixture.directory.token(PresentedCredential("inactive"))

        #expect(active?.isApplicationActive == true)
        #expect(active?.allowedOrigins == ["https://a.test", "https://b.test"])
        #expect(active?.expiresAt == Timestamp(parsing: "2030-01-01T00:00:00.123456Z"))
        #expect(inactive?.isApplicationActive == false)
        #expect(inactive?.allowedOrigins == [])
    }

    @Test func fact3ATokenIsFoundByItsHashBeforeOneInClear() throws {
        let fixture = try OriginalFixture(.release26)
        try fixture.execute(
            """
            INSERT INTO sentry_apitoken (scopes, token, hashed_token, date_added, user_id, scoping_organization_id, name)
            VALUES (1, 'no longer', encode(sha256('secret'), 'hex'), now(), 8250, 298, 'Scoped'),
                (2, 'secret', NULL, now(), 8250, NULL, NULL), (2, 'clear', NULL, now(), 8250, NULL, NULL)
            """)

        let hashed = try fixture.directory.token(PresentedCredential("secret"))

        #expect(hashed?.scopes == ScopeSet(.projectRead))
        #expect(hashed?.scopingOrganizationID == 298)
        #expect(hashed?.name == "Scoped")
        #expect(try fixture.directory.token(PresentedCredential("clear"))?.scopes == ScopeSet(.projectWrite))
        #expect(try fixture.directory.token(PresentedCredential(TokenDigest(hashing: "secret").rawValue)) == nil)
    }

    @Test func organizationTokensAreFoundUntilTheyAreDeactivated() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            INSERT INTO sentry_orgauthtoken (organization_id, token_hashed, name, date_added, date_deactivated) VALUES
                (298, encode(sha256('sntrys_1'), 'hex'), '', now(), NULL),
                (298, encode(sha256('sntrys_2'), 'hex'), '', now(), now())
            """)

        #expect(
            try fixture.directory.organizationToken(PresentedCredential("sntrys_1"))?.organizationID
                == OriginalFixture.owner)
        #expect(try fixture.directory.organizationToken(PresentedCredential("sntrys_2")) == nil)
    }

    @Test func aDeletedAppIsNotFoundAndKeepsItsSlug() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("UPDATE sentry_sentryapp SET date_deleted = now() WHERE id = 17")
        let proxy = try #require(fixture.memory.apps.first { $0.id == Self.app }?.proxyUserID)

        #expect(try fixture.directory.app(slug: OriginalFixture.slug) == nil)
        #expect(try fixture.directory.app(id: Self.app) == nil)
        #expect(try fixture.directory.app(proxyUserID: proxy) == nil)
        #expect(try fixture.directory.anyApp(slug: OriginalFixture.slug)?.dateDeleted != nil)
        #expect(try !fixture.directory.appSlugs(ownedBy: nil, status: nil, limit: 100).contains(OriginalFixture.slug))
    }

    @Test(arguments: ["Pub-App", "pub-app ", "pub-ap", "pub-app\u{0}", "", "%", "pub_app"])
    func slugsMatchByteForByte(slug: String) throws {
        let fixture = try OriginalFixture()

        #expect(try fixture.directory.app(slug: slug) == nil)
        #expect(try fixture.directory.organization(slug: slug) == nil)
    }

    @Test func rowsThatNothingGuardsMayDangle() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            UPDATE sentry_sentryapp SET owner_id = 999999 WHERE id = 17;
            UPDATE sentry_organizationmember SET user_id = 999999 WHERE user_id = 8250;
            INSERT INTO sentry_servicehookproject (project_id, service_hook_id)
            SELECT 999999, id FROM sentry_servicehook WHERE actor_id = 1000;
            INSERT INTO sentry_integrationfeature (target_id, target_type, feature, date_added)
            VALUES (17, 0, 2, now()), (17, 1, 3, now())
            """)
        let directory = fixture.directory

        let app = try directory.app(id: Self.app)

        #expect(app?.ownerID == 999_999)
        #expect(try directory.organization(id: 999_999) == nil)
        #expect(try directory.membership(userID: 999_999, organizationID: OriginalFixture.owner)?.role == .owner)
        #expect(try directory.owners(organizationID: OriginalFixture.owner).map(\.id).contains(999_999) == false)
        #expect(
            try directory.serviceHook(
                installationID: OriginalFixture.installation, organizationID: OriginalFixture.owner)?.projectIDs
                == [999_999])
        #expect(
            app?.features == [
                .init(
                    id: 2, gate: "integrations-stacktrace-link",
                    description: "Organizations can **open a line to Sentry's stack trace** in another service.")
            ])
        #expect(try directory.apps().first { $0.app.id == Self.app }?.owner == nil)
        #expect(throws: Never.self) { try directory.document() }
    }

    @Test func anInvitationIsNoMembership() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            UPDATE sentry_organizationmember SET user_id = NULL, email = 'owner@acme.test' WHERE user_id = 8250
            """)

        #expect(try fixture.directory.membership(userID: 8250, organizationID: OriginalFixture.owner) == nil)
    }

    @Test(arguments: ["UPDATE sentry_organizationmember SET role = 'billing'", "UPDATE sentry_team SET org_role = 'x'"])
    func aRoleThatDoesNotExistIsCorrupt(change: String) throws {
        let fixture = try OriginalFixture()
        let member = try #require(fixture.memory.memberships.first { !$0.teamRoles.isEmpty })
        try fixture.execute(change)

        let error = #expect(throws: DirectoryError.self) {
            try fixture.directory.membership(userID: member.userID, organizationID: member.organizationID)
        }

        guard case .corrupt = error else { throw TestSupportError("\(error as Any)") }
    }

    @Test func theRolesOfTeamsCountInWhateverStateTheTeamsAre() throws {
        let fixture = try OriginalFixture()
        let member = try #require(fixture.memory.memberships.first { !$0.teamRoles.isEmpty })
        try fixture.execute(
            """
            UPDATE sentry_team SET status = 1; UPDATE sentry_organizationmember_teams SET is_active = false;
            UPDATE sentry_organizationmember SET user_is_active = false, invite_status = 2
            """)

        let found = try fixture.directory.membership(userID: member.userID, organizationID: member.organizationID)

        #expect(found == member)
    }

    @Test func idsMayBeLargerThanTheIntegerColumnsOfTheOriginal() throws {
        let fixture = try OriginalFixture()

        #expect(try fixture.directory.app(proxyUserID: .max) == nil)
        #expect(try fixture.directory.app(id: .max) == nil)
        #expect(try fixture.directory.user(id: .min) == nil)
    }
}
