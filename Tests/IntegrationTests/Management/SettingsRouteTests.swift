import TestSupport
import Testing

/// All settings of an app by `GET settings/`, through the shipped nginx.
@Suite(.serialized)
struct SettingsRouteTests {
    private static let path = "sentry-apps/draft/settings/"

    @Test(arguments: ManagementStore.allCases, ["23.7", "26.8", "26.9"])
    func theyAreWhatAChangeAnswers(store: ManagementStore, release: String) throws {
        let fixture = try ManagementFixture(store, flags: ["--protocol", release])

        let changed = try fixture.send(
            "PUT", "sentry-apps/draft/",
            #"{"events":["issue.created","comment"],"hookline":{"webhookHeaders":["X-Tenant: acme-4711"]}}"#)
        let read = try fixture.send("GET", Self.path)

        #expect(changed.status == 200 && read.status == 200, "\(changed.text) \(read.text)")
        #expect(read.text == changed.text)
        #expect(read.header("ETag") == changed.header("ETag"))
        #expect(read.header("Cache-Control") == "no-store")
        #expect(
            Set(read.json?["hookline"]["subscriptions"].elements.compactMap(\.string) ?? []) == [
                "issue.created", "comment.created", "comment.updated", "comment.deleted",
            ])
        #expect(read.text.contains("X-Tenant: ****") && !read.text.contains("acme-4711"))
        #expect(!read.text.contains(ManagementFixture.secret))
        let head = try fixture.send("HEAD", Self.path)
        #expect(head.status == 200 && head.body.isEmpty && head.header("ETag") == read.header("ETag"))
    }

    @Test(arguments: ManagementStore.allCases)
    func theTagIsThatOfTheNextChange(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        // Responders have the app in their caches now.
        let before = try fixture.send("GET", Self.path)
        try fixture.importByCommand(
            #"{"apps":[{"id":2,"slug":"draft","owner_id":1,"name":"Renamed","status":"internal"}]}"#)

        let after = try fixture.send("GET", Self.path)
        let stale = try fixture.send(
            "PUT", "sentry-apps/draft/", #"{"name":"x"}"#, ifMatch: before.header("ETag"))
        let fresh = try fixture.send(
            "PUT", "sentry-apps/draft/", #"{"name":"x"}"#, ifMatch: after.header("ETag"))

        #expect(before.header("ETag") != nil && after.header("ETag") != nil)
        #expect(after.json?["name"].string == "Renamed", "whatever is cached: \(after.text)")
        #expect(stale.status == 412)
        #expect(fresh.status == 200, "\(fresh.text)")
    }

    /// What is subscribed to while an app is disabled is what it gets again when it is enabled.
    @Test func theSubscriptionsOfADisabledAppAreThoseThatEnablingRestores() throws {
        let fixture = try ManagementFixture()
        try fixture.run("app", "disable", "draft", "--reason", "for a test")

        let read = try fixture.send("GET", Self.path)

        #expect(read.json?["hookline"]["subscriptions"].elements.map(\.string) == ["issue.created"], "\(read.text)")
    }

    @Test func damagedSecretsAreNamedAsByAChange() throws {
        let folder = try TemporaryDirectory()
        let key = try folder.write("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", to: "secret.key")
        let fixture = try ManagementFixture(flags: ["--secret-key-file", key])
        try fixture.run("directory", "encrypt", settings: ["HOOKLINE_SECRET_KEY_FILE": key])
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as database:
                database.execute("UPDATE apps SET client_secret = substr(client_secret, 1, 50) || '////' || "
                                 "substr(client_secret, 55) WHERE slug = 'draft'")
            """
        let file = String(fixture.server.directorySetting.dropFirst("sqlite:".count))
        let damage = try ChildProcess.run(["python3", "-c", script, file])
        #expect(damage.status == .exited(0), "\(damage.error)")

        let read = try fixture.send("GET", Self.path)
        let changed = try fixture.send("PUT", "sentry-apps/draft/", "{}")

        #expect(read.status == 409 && changed.status == 409, "\(read.text) \(changed.text)")
        #expect(read.text == changed.text)
        #expect(read.text.contains("client secret"))
    }
}

extension ManagementFixture {
    /// Runs the command line with the directory.
    fileprivate func run(_ arguments: String..., settings: [String: String] = [:]) throws {
        let (status, _, error) = try ChildProcess.run(
            [try BuiltProducts.path("hookline")] + arguments,
            environment: settings.merging(["HOOKLINE_DIRECTORY": server.directorySetting, "PATH": "/usr/bin:/bin"]) {
                own, _ in own
            })
        guard status == .exited(0) else { throw TestSupportError("\(arguments): \(error)") }
    }
}
