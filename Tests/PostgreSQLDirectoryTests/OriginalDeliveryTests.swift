import Directory
import Model
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// What delivery reads of an original's tables.
@Suite struct OriginalDeliveryTests {
    private static let installation = OriginalFixture.installation
    private static let owner = OriginalFixture.owner

    private static func hook(_ fixture: OriginalFixture) throws -> ServiceHook? {
        try fixture.directory.serviceHook(installationID: installation, organizationID: owner)
    }

    @Test func aHookWithoutAnOrganizationIsFoundByItsInstallation() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("UPDATE sentry_servicehook SET organization_id = NULL, actor_id = 7 WHERE actor_id = 1000")

        let hook = try Self.hook(fixture)

        #expect(hook?.organizationID == Self.owner)
        #expect(hook?.installationID == Self.installation)
    }

    @Test func aHookWithItsOrganizationComesBeforeOneWithout() throws {
        let fixture = try OriginalFixture()
        let id = try fixture.value("SELECT id FROM sentry_servicehook WHERE actor_id = 1000")
        try fixture.execute(
            """
            INSERT INTO sentry_servicehook
                (actor_id, installation_id, organization_id, url, secret, events, status, version, date_added)
            VALUES (1, 1000, NULL, 'https://other.test', '', '{}', 0, 0, now())
            """)

        #expect(try Self.hook(fixture).map { String($0.id) } == id)
    }

    @Test func hooksOfProjectsAreNotMeant() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("UPDATE sentry_servicehook SET project_id = 5 WHERE actor_id = 1000")

        #expect(try Self.hook(fixture) == nil)
    }

    @Test func twoHooksOfOneInstallationAreCorrupt() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            INSERT INTO sentry_servicehook
                (actor_id, installation_id, organization_id, url, secret, events, status, version, date_added)
            SELECT actor_id, installation_id, organization_id, url, secret, events, status, version, date_added
            FROM sentry_servicehook WHERE actor_id = 1000
            """)

        let error = #expect(throws: DirectoryError.self) { try Self.hook(fixture) }

        guard case .corrupt = error else { throw TestSupportError("\(error as Any)") }
    }

    @Test func theProjectsOfAHookComeInOrder() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            INSERT INTO sentry_servicehookproject (project_id, service_hook_id)
            SELECT p, id FROM sentry_servicehook, unnest(ARRAY[9, 3, 5000000000]) p WHERE actor_id = 1000
            """)

        #expect(try Self.hook(fixture)?.projectIDs == [3, 9, 5_000_000_000])
    }

    @Test func headersOfTheAppAndOfHooklineAreSentHooklinesFirstOfTheSameName() throws {
        let fixture = try OriginalFixture(.release26)
        try fixture.execute(
            """
            UPDATE sentry_sentryapp
            SET webhook_headers = '{"X-Plain: a: b","enc:plaintext:WC1FbmNvZGVkOiBj",NULL,"x-own: theirs","no colon"}'
            WHERE id = 17;
            INSERT INTO hookline.app_headers (app_id, position, name, value)
            VALUES (17, 1, 'X-Last', 'z'), (17, 0, 'X-Own', 'ours');
            INSERT INTO hookline.app_settings (app_id, webhook_timeout_ms) VALUES (17, 2500)
            """)

        for app in [
            try fixture.directory.app(id: OriginalFixture.appID), try fixture.directory.app(slug: OriginalFixture.slug),
        ] {
            #expect(app?.customHeaders.map(\.name) == ["X-Plain", "X-Encoded", "X-Own", "X-Last"])
            #expect(app?.customHeaders.map(\.value.exposed) == ["a: b", "c", "ours", "z"])
            #expect(app?.webhookTimeoutMilliseconds == 2500)
        }
    }

    @Test func anAppWithEncryptedHeadersIsShownButNotDelivered() throws {
        let fixture = try OriginalFixture(.release26)
        try fixture.execute(
            "UPDATE sentry_sentryapp SET webhook_headers = '{\"enc:fernet:key:c2VjcmV0\",\"X-A: b\"}' WHERE id = 17")

        let error = #expect(throws: DirectoryError.self) { try fixture.directory.app(id: OriginalFixture.appID) }

        guard case .corrupt = error else { throw TestSupportError("\(error as Any)") }
        #expect(error?.description.contains("c2VjcmV0") == false)
        #expect(error?.description.contains("encrypted with the key \"key\": set HOOKLINE_ENCRYPTION_KEYS") == true)
        #expect(try fixture.directory.app(slug: OriginalFixture.slug)?.customHeaders.map(\.name) == ["X-A"])
    }

    @Test func encryptedHeadersAreSentWithTheOriginalsKeys() throws {
        let fixture = try OriginalFixture(.release26)
        let folder = try TemporaryDirectory()
        try folder.write(FernetExample.key, to: "2026")
        try fixture.execute(
            "UPDATE sentry_sentryapp SET webhook_headers = '{\"enc:fernet:2026:\(FernetExample.header)\",\"X-A: b\"}' "
                + "WHERE id = 17")
        let directory = try OriginalFixture.directory(fixture.database, keys: EncryptionKeys(folder: folder.path))

        for app in [try directory.app(id: OriginalFixture.appID), try directory.app(slug: OriginalFixture.slug)] {
            #expect(app?.customHeaders.map(\.name) == ["Authorization", "X-A"])
            #expect(app?.customHeaders.map(\.value.exposed) == ["Bearer s3cret", "b"])
        }
    }

    @Test func anInstallationInAStateOfALaterReleaseIsNotInstalled() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("UPDATE sentry_sentryappinstallation SET status = 2 WHERE id = 1000")
        let uuid = try #require(fixture.memory.installations.first { $0.id == Self.installation }?.uuid)

        #expect(try fixture.directory.installation(uuid: uuid)?.status == .pending)
    }

    @Test func avatarsHaveTheNamesOfTheOriginal() throws {
        let fixture = try OriginalFixture()
        try fixture.execute(
            """
            INSERT INTO sentry_sentryappavatar (ident, sentry_app_id, color, avatar_type)
            VALUES ('b', 17, true, 1), ('a', 17, false, 0)
            """)

        #expect(
            try fixture.directory.app(id: OriginalFixture.appID)?.avatars == [
                .init(type: "upload", uuid: "b", isColor: true), .init(type: "default", uuid: "a", isColor: false),
            ])
    }

    @Test func anEventIsFoundByAnyOfItsHashes() throws {
        let fixture = try OriginalFixture()
        let event = try #require(fixture.memory.issueEvents.first { $0.groupID != nil })
        let hash = try #require(
            try fixture.value("SELECT hash FROM sentry_grouphash WHERE group_id = \(event.groupID ?? 0)"))
        let other = String(repeating: "f", count: 32)
        let data = try PostgreSQLGolden.node(#"{"hashes":["\#(other)","\#(hash)"]}"#)
        try fixture.execute(
            """
            UPDATE nodestore_node SET data = '\(data)' WHERE id = md5('\(event.projectID):\(event.eventID)');
            INSERT INTO sentry_grouphash (hash, project_id) VALUES ('\(other)', \(event.projectID))
            """)

        #expect(
            try fixture.directory.issueEvent(projectID: event.projectID, eventID: event.eventID)?.groupID
                == event.groupID)
    }
}
