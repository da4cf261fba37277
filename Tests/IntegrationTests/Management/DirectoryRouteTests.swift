import TestSupport
import Testing

/// Export and import of the directory by HTTP, through the shipped nginx.
@Suite(.serialized)
struct DirectoryRouteTests {
    @Test(arguments: ManagementStore.allCases)
    func anExportIsThatOfTheCommandAndReplacesTheDirectory(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)

        let export = try fixture.send("GET", "hookline/directory/", as: .administratorToken)
        let json = try #require(export.json)
        let again = try fixture.send(
            "POST", "hookline/directory/?mode=replace&dryRun=true", export.text, as: .administratorToken)

        #expect(export.header("Cache-Control") == "no-store")
        #expect(
            json.members.filter { $0.key != "exported_at" }
                == (try fixture.export()).members.filter { $0.key != "exported_at" })
        #expect(export.text.contains(ManagementFixture.secret), "webhooks are signed with it")
        #expect(!export.text.contains(ManagementFixture.Caller.administratorToken.token ?? ""))
        #expect(again.json?["imported"].bool == false, "\(again.text)")
        #expect(again.json?["changes"].elements.isEmpty == true, "\(again.text)")
    }

    @Test(arguments: ManagementStore.allCases)
    func theThreeModesChangeWhatTheySay(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        func send(_ query: String, _ body: String) throws -> HTTPClient.Response {
            try fixture.send("POST", "hookline/directory/" + query, body, as: .administratorToken)
        }
        let addition = #"{"organizations":[{"id":3,"slug":"initech"}],"users":[{"id":9,"username":"bill"}]}"#

        let tried = try send("?dryRun=1", addition)
        #expect(tried.json?["imported"].bool == false && tried.json?["added"].integer == 2, "\(tried.text)")
        #expect(try fixture.export()["organizations"].elements.count == 2)
        let added = try send("", addition)
        #expect(added.json?["imported"].bool == true, "\(added.text)")
        #expect(
            added.json?["changes"].elements.map { $0["name"].string } == ["initech", "bill"], "\(added.text)")
        let merged = try send("?mode=merge", #"{"apps":[{"id":2,"overview":"merged"}]}"#)
        #expect(merged.json?["changes"].elements.first?["fields"].elements.map(\.string) == ["overview"])
        let draft = try #require(try fixture.export()["apps"].elements.first { $0["slug"].string == "draft" })
        #expect(draft["overview"].string == "merged" && draft["client_secret"].string == ManagementFixture.secret)
        let hazardous = try send("?mode=replace", addition)
        #expect(hazardous.status == 409 && hazardous.text.contains("confirm=true"), "\(hazardous.text)")
        #expect(try fixture.export()["apps"].elements.count == 2)

        // Organization 3 and a user of none, then the app's owner.
        let entries = try fixture.export()["audit_entries"].elements
        #expect(entries.map { $0["event"].integer } == [10_140, 10_140, 10_140])
        #expect(entries.map { $0["organization_id"].integer } == [0, 3, 1])
        #expect(entries.allSatisfy { $0["actor_label"].string == "member@acme.test" })
        // An export with such entries can be imported.
        let export = try fixture.send("GET", "hookline/directory/", as: .administratorToken).text
        #expect(try send("?mode=replace&dryRun=1", export).status == 200)
    }

    @Test func problemsNameTheFieldAndNothingIsImported() throws {
        let fixture = try ManagementFixture()
        func problems(_ query: String, _ body: String) throws -> HTTPClient.Response {
            try fixture.send("POST", "hookline/directory/" + query, body, as: .administratorToken)
        }
        let before = try fixture.export()["apps"]

        let document = try problems(
            "", #"{"apps":[{"id":3,"slug":"a/b","owner_id":1},{"id":4,"slug":"draft","owner_id":77}],"aps":[]}"#)
        #expect(document.status == 400, "\(document.text)")
        #expect(document.json?.members.map(\.key).sorted() == ["apps[0].slug", "aps"], "\(document.text)")
        let references = try problems("", #"{"apps":[{"id":4,"slug":"draft","owner_id":77}]}"#)
        #expect(references.json?.members.map(\.key) == ["apps[0].owner_id", "apps[0].slug"], "\(references.text)")
        for (query, field) in [("?mode=all", "mode"), ("?dryRun=perhaps", "dryRun"), ("?confirm=2", "confirm")] {
            #expect(try problems(query, "{}").json?.members.map(\.key) == [field])
        }
        #expect(try problems("", "{").status == 400)
        #expect(try problems("", "").status == 400)
        #expect(try fixture.export()["apps"] == before)
    }

    /// The size is limited by nginx and the program; a document of the default size passes both.
    @Test(arguments: [4 << 20, (4 << 20) + 1])
    func documentsUpToTheLimitAreImported(byteCount: Int) throws {
        let fixture = try ManagementFixture()
        let head = #"{"organizations":[{"id":3,"slug":"initech","name":""#
        let tail = #""}]}"#
        let name = String(repeating: "n", count: 1000)
        let body =
            head + name + tail + String(repeating: " ", count: byteCount - head.utf8.count - 1000 - tail.utf8.count)

        let response = try fixture.send("POST", "hookline/directory/", body, as: .administratorToken)

        #expect(response.status == (byteCount > 4 << 20 ? 413 : 200), "\(response.text.prefix(300))")
    }

    /// Another route's limit stays what it was.
    @Test func noOtherBodyMayBeAsLong() throws {
        let fixture = try ManagementFixture()
        let body = String(repeating: " ", count: 2 << 20)

        let response = try fixture.send("PUT", "sentry-apps/draft/", body)

        #expect(response.status == 413)
    }

    @Test func aServiceHookWithoutAURLHasThatOfTheApp() throws {
        let fixture = try ManagementFixture()

        #expect(
            try fixture.export()["service_hooks"].elements.map { $0["url"].string } == ["https://example.com/hook"])
    }
}
