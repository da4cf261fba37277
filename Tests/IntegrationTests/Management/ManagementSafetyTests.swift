import Foundation
import TestSupport
import Testing

/// What keeps the management API from doing harm, through the shipped nginx.
@Suite(.serialized)
struct ManagementSafetyTests {
    /// An import must not make other programs believe that this one does not use the file: the last user of an embedded
    /// database deletes its write-ahead log.
    @Test func whatWasAcknowledgedSurvivesAnImportAndAnotherProgramThatReadsTheFile() throws {
        let fixture = try ManagementFixture()
        let file = String(fixture.server.directorySetting.dropFirst("sqlite:".count))
        let tried = try fixture.send(
            "POST", "hookline/directory/?dryRun=true", #"{"organizations":[{"id":3,"slug":"initech"}]}"#,
            as: .administratorToken)
        #expect(tried.status == 200, "\(tried.text)")

        for number in 1...3 {
            let made = try fixture.send(
                "POST", "sentry-apps/", #"{"organization":"acme","name":"App \#(number)"}"#)
            #expect(made.status == 201, "\(made.text)")
            let read = try ChildProcess.run([
                "/usr/bin/python3", "-c",
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute('SELECT count(*) FROM apps')"
                    + ".fetchone()[0]); c.close()", file,
            ])
            #expect(read.output == "\(2 + number)\n", "\(read.error)")
            #expect(access(file + "-wal", F_OK) == 0, "another program has deleted the log that is in use")
        }
        #expect(try fixture.export()["apps"].elements.count == 5)
        let again = try fixture.send("POST", "hookline/directory/?dryRun=true", "{}", as: .administratorToken)
        #expect(again.status == 200, "\(again.text)")
    }

    @Test(arguments: ManagementStore.allCases)
    func aSchemaThatNoImportAcceptsIsRefused(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)

        let refused = try fixture.send(
            "POST", "sentry-apps/",
            #"{"organization":"acme","name":"Zero","schema":{"elements":[{"type":"x\u0000"}]}}"#)

        #expect(refused.status == 400, "\(refused.text)")
        #expect(refused.json?["schema"].elements.first?.string?.contains("U+0000") == true, "\(refused.text)")
    }

    /// Where a path may have an id, a slug of digits would name another app.
    @Test func noNewAppHasASlugThatLooksLikeAnID() throws {
        let fixture = try ManagementFixture()

        let named = try fixture.send("POST", "sentry-apps/", #"{"organization":"acme","name":"1"}"#)
        let asked = try fixture.send("POST", "sentry-apps/", #"{"organization":"acme","name":"One","slug":"1"}"#)

        #expect(named.status == 201 && named.json?["slug"].string == "app-1", "\(named.text)")
        #expect(asked.status == 400 && asked.json?.members.map(\.key) == ["slug"], "\(asked.text)")
    }

    @Test func aParameterThatIsMisspeltEmptyOrRepeatedDoesNotImport() throws {
        let fixture = try ManagementFixture()
        let addition = #"{"organizations":[{"id":3,"slug":"initech"}]}"#

        for (query, field) in [
            ("dryRun", "dryRun"), ("dryRun=", "dryRun"), ("dryrun=true", "dryrun"), ("dry_run=true", "dry_run"),
            ("dryRun=true&dryRun=false", "dryRun"), ("mode=", "mode"),
        ] {
            let refused = try fixture.send(
                "POST", "hookline/directory/?\(query)", addition, as: .administratorToken)
            #expect(refused.status == 400 && refused.json?.members.map(\.key) == [field], "\(query): \(refused.text)")
        }
        #expect(try fixture.export()["organizations"].elements.count == 2)
    }

    /// An import can leave hooks behind that do not have the app's events.
    @Test(arguments: ManagementStore.allCases)
    func aChangeBringsHooksInStepThatAnImportLeftBehind(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let events = #"["issue.created","comment.created"]"#
        let imported = try fixture.send(
            "POST", "hookline/directory/?mode=merge", #"{"apps":[{"id":2,"events":\#(events)}]}"#,
            as: .administratorToken)
        #expect(imported.status == 200, "\(imported.text)")

        let changed = try fixture.send("PUT", "sentry-apps/draft/", #"{"events":\#(events)}"#)

        #expect(changed.status == 200, "\(changed.text)")
        let hook = try #require(try fixture.export()["service_hooks"].elements.first)
        #expect(hook["events"].elements.map(\.string) == ["issue.created", "comment.created"])
    }

    @Test func endingAnOverlapNeedsTheAppsScopesToo() throws {
        let fixture = try ManagementFixture()
        #expect(try fixture.send("POST", "sentry-apps/draft/rotate-secret/", "{}", as: .writeToken).status == 200)

        let refused = try fixture.send(
            "POST", "sentry-apps/draft/rotate-secret/", #"{"finish":true}"#, as: .adminScopeToken)
        let done = try fixture.send(
            "POST", "sentry-apps/draft/rotate-secret/", #"{"finish":true}"#, as: .writeToken)

        #expect(refused.status == 403, "\(refused.text)")
        #expect(done.status == 200, "\(done.text)")
    }

    /// Nobody revives an administrator's token, or takes it over, by an import.
    @Test func anImportNeitherRevivesNorMovesAnAdministratorsToken() throws {
        let fixture = try ManagementFixture()
        let export = try fixture.send("GET", "hookline/directory/", as: .administratorToken)
        let tokens = try #require(export.json?["tokens"].elements)
        let digest = try #require(
            tokens.first { $0["scopes"].elements.first?.string == "hookline:admin" }?["token_sha256"].string)

        func send(_ token: String) throws -> HTTPClient.Response {
            try fixture.send("POST", "hookline/directory/?mode=merge", #"{"tokens":[\#(token)]}"#, as: .superuser)
        }
        let shortened = try send(#"{"token_sha256":"\#(digest)","expires_at":"2026-01-01T00:00:00Z"}"#)
        let revived = try send(#"{"token_sha256":"\#(digest)","expires_at":"2099-01-01T00:00:00Z"}"#)
        #expect(shortened.status == 200, "\(shortened.text)")
        #expect(revived.status == 400 && revived.text.contains("hookline:admin is given by"), "\(revived.text)")

        let moved = try fixture.send(
            "POST", "hookline/directory/?mode=merge",
            #"{"tokens":[{"token_sha256":"\#(digest)","user_id":3,"scopes":["hookline:admin"]}]}"#, as: .superuser)

        #expect(moved.status == 400, "\(moved.text)")
        #expect(moved.text.contains("hookline:admin is given by"))
    }

    /// The tag is that of the state in the body, whatever this responder has cached.
    @Test func theTagOfTheDetailsIsThatOfTheirBody() throws {
        let fixture = try ManagementFixture(responder: .fastCGI(count: 2), flags: ["--directory-cache-seconds", "60"])

        for number in 1...6 {
            let changed = try fixture.send("PUT", "sentry-apps/draft/", #"{"name":"Name \#(number)"}"#)
            for _ in 1...4 {
                let seen = try fixture.send("GET", "sentry-apps/draft/")
                #expect(seen.header("ETag") == changed.header("ETag"))
                #expect(seen.json?["name"].string == "Name \(number)")
            }
        }
    }

    /// Who changes an app needs rights where it belongs now, not where the responder's cache says.
    @Test(arguments: ManagementStore.allCases)
    func anAppThatHasBeenGivenAwayIsNotChanged(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store, flags: ["--directory-cache-seconds", "60"])
        #expect(try fixture.send("GET", "sentry-apps/draft/").status == 200)
        try fixture.importByCommand(#"{"apps":[{"id":2,"owner_id":2}]}"#)

        for (method, path, body) in [
            ("PUT", "sentry-apps/draft/", #"{"name":"Mine"}"#), ("POST", "sentry-apps/draft/rotate-secret/", "{}"),
            ("DELETE", "sentry-apps/draft/", nil),
        ] {
            let refused = try fixture.send(method, path, body)
            #expect(refused.status == 412 || refused.status == 403, "\(method): \(refused.text)")
        }
        let app = try #require(try fixture.export()["apps"].elements.first { $0["slug"].string == "draft" })
        #expect(app["name"].string != "Mine" && app["client_secret"].string == ManagementFixture.secret)
    }

    /// The subscriptions of a disabled app are those that enabling restores, in requests and responses alike.
    @Test(arguments: ManagementStore.allCases)
    func aDisabledAppKeepsWhatARequestSetsUntilItIsEnabled(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let imported = try fixture.send(
            "POST", "hookline/directory/?mode=merge",
            #"""
            {"apps":[{"id":2,"events":[],"disabled":{"date":"2026-01-02T03:04:05Z","reason":"timeouts",
                      "events":["issue.created"]}}]}
            """#, as: .administratorToken)
        #expect(imported.status == 200, "\(imported.text)")

        let renamed = try fixture.send("PUT", "sentry-apps/draft/", #"{"name":"Renamed"}"#)
        let changed = try fixture.send("PUT", "sentry-apps/draft/", #"{"events":["comment"]}"#)
        let enabled = try fixture.send("POST", "sentry-apps/draft/enable/", "{}")
        let after = try fixture.send("GET", "sentry-apps/draft/")

        #expect(renamed.json?["events"].elements.map(\.string) == ["issue"], "\(renamed.text)")
        #expect(changed.json?["events"].elements.map(\.string) == ["comment"], "\(changed.text)")
        #expect(enabled.json?["events"].elements.map(\.string) == ["comment"], "\(enabled.text)")
        #expect(after.json?["events"].elements.map(\.string) == ["comment"], "\(after.text)")
    }

    @Test(arguments: ManagementStore.allCases)
    func aRequestThatChangesNothingWritesNothing(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let body = #"{"events":["issue","comment"],"webhookUrl":"https://example.com/other"}"#
        let changed = try fixture.send("PUT", "sentry-apps/draft/", body)
        #expect(changed.status == 200, "\(changed.text)")
        let before = try fixture.export()

        let repeated = try fixture.send("PUT", "sentry-apps/draft/", body)

        #expect(repeated.status == 200 && repeated.header("ETag") == changed.header("ETag"))
        let after = try fixture.export()
        for key in ["apps", "service_hooks", "audit_entries"] {
            #expect(after[key] == before[key], "\(key)")
        }
    }

    /// An import may leave an app with events and without a URL.
    @Test func aFieldThatARequestDoesNotGiveDoesNotKeepItFromBeingMade() throws {
        let fixture = try ManagementFixture()
        let imported = try fixture.send(
            "POST", "hookline/directory/?mode=merge", #"{"apps":[{"id":2,"webhook_url":null}]}"#,
            as: .administratorToken)
        #expect(imported.status == 200, "\(imported.text)")

        let renamed = try fixture.send("PUT", "sentry-apps/draft/", #"{"name":"Renamed"}"#)
        let subscribed = try fixture.send("PUT", "sentry-apps/draft/", #"{"events":["comment"]}"#)

        #expect(renamed.status == 200, "\(renamed.text)")
        #expect(subscribed.status == 400 && subscribed.json?.members.map(\.key) == ["webhookUrl"])
    }

    /// The rights are decided on the app that a responder has cached: what it shows must not need others.
    @Test(arguments: ManagementStore.allCases)
    func detailsDoNotShowTheSecretOfAnAppThatHasGotFurtherScopes(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store, flags: ["--directory-cache-seconds", "60"])
        let before = try fixture.send("GET", "sentry-apps/draft/")
        #expect(before.json?["clientSecret"].string == ManagementFixture.secret, "\(before.text)")
        try fixture.importByCommand(
            #"{"apps":[{"id":2,"scopes":["org:admin"],"client_secret":"the-secret-of-an-administrators-app"}]}"#)

        let after = try fixture.send("GET", "sentry-apps/draft/")

        #expect(after.status == 200)
        #expect(!after.text.contains("the-secret-of-an-administrators-app"), "\(after.text)")
    }

    /// It must not count as no body, which makes a new secret.
    @Test func aBodyThatIsTooLongForItsEndpointRotatesNoSecret() throws {
        let fixture = try ManagementFixture()

        let refused = try fixture.send(
            "POST", "sentry-apps/draft/rotate-secret/", #"{"finish":true}"# + String(repeating: " ", count: 100_000))

        #expect(refused.status == 413, "\(refused.text)")
        let app = try #require(try fixture.export()["apps"].elements.first { $0["slug"].string == "draft" })
        #expect(app["client_secret"].string == ManagementFixture.secret)
    }

    @Test func nginxWritesNoSecretsToFiles() throws {
        let fixture = try ManagementFixture()
        let spaces = String(repeating: " ", count: 120_000)
        let document = try fixture.send("GET", "hookline/directory/", as: .administratorToken).text

        let imported = try fixture.send(
            "POST", "hookline/directory/", document + String(repeating: " ", count: 4_000_000 - document.utf8.count),
            as: .administratorToken)
        let changed = try fixture.send("PUT", "sentry-apps/draft/", #"{"name":"Renamed"}"# + spaces)

        #expect(changed.status == 200 && imported.status == 200, "\(changed.text) \(imported.text)")
        let log = fixture.server.errorLog
        #expect(!log.contains("temporary file"), "\(log)")
    }
}
