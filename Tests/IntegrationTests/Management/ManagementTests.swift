import TestSupport
import Testing

/// Apps and installations by the management API, through the shipped nginx.
@Suite(.serialized)
struct ManagementTests {
    private static let app = """
        {"organization":"acme","name":"Release Radar","author":"Acme","overview":"Finds releases",
         "webhookUrl":"https://hooks.example.com/in?x=1","redirectUrl":"https://example.com/done",
         "events":["issue","error.created"],"isAlertable":true,"scopes":["event:read"],
         "schema":{"elements":[{"type":"stacktrace-link","uri":"/open"}]},"allowedOrigins":["example.com"],
         "hookline":{"webhookTimeoutMs":3000,"deliveryPolicy":"standard","webhookHeaders":["X-Tenant: acme-4711"]}}
        """

    @Test(arguments: ManagementStore.allCases)
    func anAppIsMadeChangedInstalledAndDeleted(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)

        // Made
        let made = try fixture.send("POST", "sentry-apps/", Self.app)
        #expect(made.status == 201, "\(made.text)")
        let json = try #require(made.json)
        #expect(json["slug"].string == "release-radar" && json["status"].string == "unpublished")
        #expect(json["events"].elements.map(\.string) == ["issue", "error"])
        let secret = try #require(json["clientSecret"].string)
        for text in [secret, try #require(json["clientId"].string)] {
            #expect(text.utf8.count == 64 && text.allSatisfy(\.isHexDigit))
        }
        #expect(json["hookline"]["webhookTimeoutMs"].integer == 3000)
        #expect(json["hookline"]["deliveryPolicy"].string == "standard")
        #expect(made.text.contains("X-Tenant: ****") && !made.text.contains("acme-4711"))
        let tag = try #require(made.header("ETag"))
        let seen = try fixture.send("GET", "sentry-apps/release-radar/")
        #expect(seen.status == 200 && seen.header("ETag") == tag)
        #expect(seen.json?["clientSecret"].string == secret)
        let row = try #require(try fixture.export()["apps"].elements.first { $0["slug"].string == "release-radar" })
        #expect(
            row["events"].elements.map(\.string) == [
                "issue.created", "issue.resolved", "issue.ignored", "issue.assigned", "error.created",
            ])
        #expect(row["components"].elements.map { $0["type"].string } == ["stacktrace-link"])
        #expect(row["webhook_headers"].elements.map(\.string) == ["X-Tenant: acme-4711"])
        #expect(row["client_secret"].string == secret)

        // Installed, with a service hook
        let path = "organizations/acme/sentry-app-installations/"
        let installed = try fixture.send("POST", path, #"{"slug":"release-radar"}"#)
        #expect(installed.status == 201, "\(installed.text)")
        let uuid = try #require(installed.json?["uuid"].string)
        #expect(installed.json?["app"]["slug"].string == "release-radar")
        let again = try fixture.send("POST", path, #"{"slug":"release-radar"}"#)
        #expect(again.status == 200 && again.text == installed.text)
        #expect(try fixture.hook(ofInstallation: uuid)?["url"].string == "https://hooks.example.com/in?x=1")
        #expect(try fixture.hook(ofInstallation: uuid)?["events"].elements.count == 5)
        let list = try fixture.send("GET", path)
        #expect(list.json?.elements.map { $0["uuid"].string } == [ManagementFixture.installation, uuid])

        // Changed: the hook follows, the mask keeps the header's value
        let stale = try fixture.send(
            "PUT", "sentry-apps/release-radar/", #"{"name":"Other"}"#, ifMatch: #""a9-1""#)
        #expect(stale.status == 412, "\(stale.text)")
        let mask = String(repeating: "*", count: 64)
        let changed = try fixture.send(
            "PUT", "sentry-apps/release-radar/",
            """
            {"events":["comment.created"],"webhookUrl":"https://hooks.example.com/new",
             "hookline":{"webhookTimeoutMs":null,"webhookHeaders":["X-Tenant: \(mask)","X-More: 1"]}}
            """, ifMatch: "\"other\", \(tag)")
        #expect(changed.status == 200, "\(changed.text)")
        #expect(!changed.text.contains(secret))
        #expect(changed.header("ETag") != nil && changed.header("ETag") != tag)
        #expect(changed.json?["hookline"]["webhookTimeoutMs"].isNull == true)
        #expect(try fixture.hook(ofInstallation: uuid)?["url"].string == "https://hooks.example.com/new")
        #expect(
            try fixture.hook(ofInstallation: uuid)?["events"].elements.map(\.string) == ["comment.created"])
        let later = try #require(try fixture.export()["apps"].elements.first { $0["slug"].string == "release-radar" })
        #expect(later["webhook_headers"].elements.map(\.string) == ["X-Tenant: acme-4711", "X-More: 1"])
        #expect(later["name"].string == "Release Radar" && later["delivery_policy"].string == "standard")

        // Uninstalled and deleted: the slug stays taken
        #expect(try fixture.send("DELETE", "sentry-app-installations/\(uuid)/").status == 204)
        #expect(try fixture.send("DELETE", "sentry-app-installations/\(uuid)/").status == 404)
        #expect(try fixture.send("DELETE", "sentry-apps/release-radar/").status == 204)
        #expect(try fixture.send("GET", "sentry-apps/release-radar/").status == 404)
        let taken = try fixture.send("POST", "sentry-apps/", #"{"organization":"acme","name":"release radar"}"#)
        #expect(taken.status == 400 && taken.json?["name"].elements.count == 1, "\(taken.text)")

        let entries = try fixture.export()["audit_entries"].elements
        #expect(entries.map { $0["event"].integer } == [10_135, 10_138, 10_136, 10_139, 10_137])
        #expect(entries.allSatisfy { $0["actor_label"].string == "manager@acme.test" && $0["actor_id"].integer == 2 })
        #expect(!entries.map(\.text).joined().contains("acme-4711"))
    }

    @Test(arguments: ManagementStore.allCases)
    func anAppGetsAKeyPairWhosePublicKeyItsDetailsShow(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let path = "sentry-apps/draft/signing-key/"
        func details() throws -> GoldenValue? { try fixture.send("GET", "sentry-apps/draft/").json?["hookline"] }
        #expect(try details()?.isNull != false)

        let made = try fixture.send("POST", path, "{}")
        let first = try #require(made.json?["publicKey"].string)
        #expect(made.status == 201 && first.hasPrefix("whpk_"), "\(made.text)")
        #expect(try details()?["publicKey"].string == first)
        let replaced = try fixture.send("POST", path, #"{"overlapSeconds":60}"#)
        let second = try #require(replaced.json?["publicKey"].string)
        #expect(try details()?["publicKeys"].elements.map(\.string) == [second, first])
        let unknown = try fixture.send("POST", path, #"{"finnish":true}"#)
        #expect(unknown.status == 400 && unknown.json?.members.map(\.key) == ["finnish"], "\(unknown.text)")
        let finished = try fixture.send("POST", path, #"{"finish":true}"#)
        #expect(finished.status == 200 && finished.json?["publicKeys"].elements.map(\.string) == [second])
        let removed = try fixture.send("DELETE", path)
        #expect(removed.status == 204, "\(removed.text)")
        #expect(try details()?.isNull != false)
        let again = try fixture.send("DELETE", path)
        #expect(again.status == 400, "\(again.text)")

        let answers = [made, replaced, unknown, removed, again].map(\.text).joined()
        #expect(!answers.contains("whsk_"))
        let events = try fixture.export()["audit_entries"].elements.map { $0["event"].integer }
        #expect(events == [10_150, 10_150, 10_150, 10_150])
    }

    @Test(arguments: ManagementStore.allCases)
    func aSecretIsRotatedAndTheOverlapEnds(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        func row() throws -> GoldenValue {
            try #require(try fixture.export()["apps"].elements.first { $0["slug"].string == "draft" })
        }

        let rotated = try fixture.send("POST", "sentry-apps/draft/rotate-secret/", #"{"overlapSeconds":3600}"#)
        #expect(rotated.status == 200, "\(rotated.text)")
        #expect(rotated.header("Cache-Control") == "no-store")
        let secret = try #require(rotated.json?["clientSecret"].string)
        #expect(secret.utf8.count == 64)
        #expect(rotated.json?["standardWebhooksSecret"].string?.hasPrefix("whsec_") == true)
        #expect(rotated.json?["previousSecretValidUntil"].string != nil)
        #expect(!rotated.text.contains(ManagementFixture.secret))
        #expect(try row()["client_secret"].string == secret)
        #expect(try row()["previous_secrets"].elements.map { $0["secret"].string } == [ManagementFixture.secret])

        for _ in 1...2 { _ = try fixture.send("POST", "sentry-apps/draft/signing-key/", "{}") }
        let finished = try fixture.send("POST", "sentry-apps/draft/rotate-secret/", #"{"finish":true}"#)
        #expect(finished.text == #"{"previousSecretValidUntil":null}"#)
        #expect(try row()["previous_secrets"].elements.map { $0["secret"].string?.prefix(5) } == ["whsk_"])
        #expect(try row()["client_secret"].string == secret)
        let again = try fixture.send("POST", "sentry-apps/draft/rotate-secret/", #"{"finish":true}"#)
        #expect(again.status == 400, "\(again.text)")
        #expect(
            try fixture.export()["audit_entries"].elements.map { $0["event"].integer }
                == [10_133, 10_150, 10_150, 10_134])
        let written = fixture.server.responders.map { $0.standardError + $0.standardOutput }.joined()
        #expect(written.contains("rotate-secret"), "the access log")
        for text in [secret, ManagementFixture.secret] {
            #expect(!written.contains(text) && !fixture.server.errorLog.contains(text))
        }
    }

    /// Values that are refused, and the field that each answer names.
    private static let refused: [(body: String, field: String)] = [
        (#"{"name":""}"#, "name"), (#"{"name":7}"#, "name"),
        (#"{"name":"\#(String(repeating: "x", count: 65))"}"#, "name"),
        (#"{"nmae":"x"}"#, "nmae"), (#"{"slug":"other"}"#, "slug"), (#"{"clientSecret":"x"}"#, "clientSecret"),
        (#"{"organization":"globex"}"#, "organization"), (#"{"isInternal":true}"#, "isInternal"),
        (#"{"events":["issue.exploded"]}"#, "events"), (#"{"events":["installation.created"]}"#, "events"),
        (#"{"events":"issue"}"#, "events"), (#"{"scopes":["org:everything"]}"#, "scopes"),
        (#"{"scopes":["hookline:admin"]}"#, "scopes"), (#"{"status":"published"}"#, "status"),
        (#"{"status":"internal"}"#, "status"), (#"{"isAlertable":"yes"}"#, "isAlertable"),
        (#"{"webhookUrl":null}"#, "webhookUrl"), (#"{"webhookUrl":"ftp://example.com/"}"#, "webhookUrl"),
        (#"{"webhookUrl":"https://127.0.0.1/hook"}"#, "webhookUrl"),
        (#"{"webhookUrl":"http://2130706433/"}"#, "webhookUrl"),
        (#"{"webhookUrl":"https://[::1]:8443/"}"#, "webhookUrl"),
        (#"{"webhookUrl":"http://localhost/"}"#, "webhookUrl"),
        (#"{"webhookUrl":"https://169.254.169.254/latest"}"#, "webhookUrl"),
        (#"{"webhookUrl":"https://10.0.0.8/"}"#, "webhookUrl"),
        (#"{"redirectUrl":"javascript:alert(1)"}"#, "redirectUrl"), (#"{"schema":[]}"#, "schema"),
        (#"{"schema":{"elements":[{"type":"stacktrace-link"}]}}"#, "schema"),
        (#"{"schema":{"x":"\#(String(repeating: "y", count: 65_536))"}}"#, "schema"),
        (#"{"hookline":{"webhookTimeoutMs":0}}"#, "hookline"), (#"{"hookline":{"timeout":1}}"#, "hookline"),
        (#"{"hookline":{"deliveryPolicy":"fast"}}"#, "hookline"),
        (#"{"hookline":{"webhookHeaders":["Host: x"]}}"#, "hookline"),
        (#"{"hookline":{"webhookHeaders":["X-New: \#(String(repeating: "*", count: 64))"]}}"#, "hookline"),
        (#"{"name":"a\u0000b"}"#, "name"), (#"[]"#, "non_field_errors"),
    ]

    @Test func eachInvalidFieldIsNamedAndNothingIsChanged() throws {
        let fixture = try ManagementFixture()
        let before = try fixture.send("GET", "sentry-apps/draft/").text

        for (body, field) in Self.refused {
            let response = try fixture.send("PUT", "sentry-apps/draft/", body)
            #expect(response.status == 400, "\(body): \(response.text)")
            #expect(response.json?.members.map(\.key) == [field], "\(body.prefix(200)): \(response.text)")
            #expect(response.json?[field].elements.first?.string?.isEmpty == false)
        }

        #expect(try fixture.send("GET", "sentry-apps/draft/").text == before)
        let several = try fixture.send("POST", "sentry-apps/", #"{"organization":"acme","events":["x"],"y":1}"#)
        #expect(several.json?.members.map(\.key).sorted() == ["events", "name", "y"], "\(several.text)")
        let unknown = try fixture.send("POST", "sentry-apps/", #"{"organization":"nope","name":"x"}"#)
        #expect(unknown.status == 403, "who may not write in it does not learn whether it exists: \(unknown.text)")
        let text = try fixture.server.client().send(
            "PUT", "/api/0/sentry-apps/draft/", basic: "manager@acme.test:\(ServerFixture.password)",
            headers: [("Sec-Fetch-Site", "same-origin"), ("Content-Type", "text/plain")], body: Array("{}".utf8))
        #expect(text.status == 415)
        let tooLong = try fixture.send(
            "PUT", "sentry-apps/draft/", #"{"overview":"\#(String(repeating: "x", count: 200_000))"}"#)
        #expect(tooLong.status == 413, "\(tooLong.text)")
    }

    @Test func anAddressOfTheListOfAllowedNetworksIsAccepted() throws {
        let fixture = try ManagementFixture(flags: ["--allowed-networks", "127.0.0.0/8"])

        #expect(
            try fixture.send("PUT", "sentry-apps/draft/", #"{"webhookUrl":"http://127.0.0.1:9/"}"#).status == 200)
        #expect(try fixture.send("PUT", "sentry-apps/draft/", #"{"webhookUrl":"http://10.0.0.1/"}"#).status == 400)
    }

    @Test(arguments: ManagementStore.allCases)
    func anAppThatIsNotPublishedIsInstalledByItsOwnerOnly(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let path = "organizations/globex/sentry-app-installations/"

        let draft = try fixture.send("POST", path, #"{"slug":"draft"}"#, as: .outsider)
        let unknown = try fixture.send("POST", path, #"{"slug":"nope"}"#, as: .outsider)
        let published = try fixture.send("POST", path, #"{"slug":"public"}"#, as: .outsider)
        let byAdministrator = try fixture.send("POST", path, #"{"slug":"draft"}"#, as: .administratorToken)

        #expect(draft.status == 400 && draft.text == unknown.text, "\(draft.text)")
        #expect(published.status == 201, "\(published.text)")
        #expect(byAdministrator.status == 201, "\(byAdministrator.text)")
        // A published app is deleted, and made public, by administrators only.
        #expect(try fixture.send("DELETE", "sentry-apps/public/").status == 403)
        let deleted = try fixture.send("DELETE", "sentry-apps/public/", as: .administratorToken)
        #expect(deleted.status == 204, "\(deleted.text)")
        #expect(try fixture.send("GET", path, as: .outsider).json?.elements.count == 1)
        let made = try fixture.send(
            "PUT", "sentry-apps/draft/", #"{"status":"published"}"#, as: .administratorToken)
        #expect(made.json?["status"].string == "published" && made.json?["datePublished"].string != nil)
    }

    /// The CGI program reads one request, changes the directory and ends.
    @Test func theCGIProgramChangesTheDirectoryToo() throws {
        let fixture = try ManagementFixture(responder: .cgi())

        let made = try fixture.send(
            "POST", "sentry-apps/", #"{"organization":"acme","name":"By CGI","isInternal":true}"#)

        #expect(made.status == 201, "\(made.text)")
        #expect(made.json?["status"].string == "internal")
        #expect(
            try fixture.send("PUT", "sentry-apps/by-cgi/", #"{"overview":"x"}"#).json?["overview"].string == "x")
        #expect(try fixture.send("DELETE", "sentry-apps/by-cgi/").status == 204)
    }
}

extension ManagementFixture {
    /// The service hook of an installation, as an export has it.
    fileprivate func hook(ofInstallation uuid: String) throws -> GoldenValue? {
        let document = try export()
        let id = document["installations"].elements.first { $0["uuid"].string == uuid }?["id"].integer
        return document["service_hooks"].elements.first { $0["installation_id"].integer == id }
    }
}
