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
        let file = try TemporaryDirectory()
        let path = try file.write(#"{"apps":[{"id":2,"owner_id":2}]}"#, to: "gift.json")
        let (status, _, error) = try ChildProcess.run(
            [try BuiltProducts.path("hookline"), "directory", "import", "--merge", path],
            environment: ["HOOKLINE_DIRECTORY": fixture.server.directorySetting, "PATH": "/usr/bin:/bin"])
        #expect(status == .exited(0), "\(error)")

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
}
