import TestSupport
import Testing

/// Who may use each route of the management API, through the shipped nginx.
@Suite(.serialized)
struct ManagementPermissionTests {
    private typealias Caller = ManagementFixture.Caller

    /// A request that changes nothing, whoever sends it.
    private struct Route {
        let method: String
        let path: String
        var body: String?
        var ifMatch: String?
        /// The status for those who may.
        let allowed: Int
        let callers: Set<Caller>
        /// The status for callers who know nothing of the organization; 403 where its name is in the path.
        var outside = 403
    }

    private static let writers: Set<Caller> = [.manager, .writeToken, .superuser, .administratorToken]
    private static let administrators: Set<Caller> = [.superuser, .administratorToken]
    private static let outsiders: Set<Caller> = [.outsider, .superuserElsewhere, .outsidersToken]

    private static let routes = [
        Route(
            method: "POST", path: "sentry-apps/", body: #"{"organization":"acme"}"#, allowed: 400, callers: writers),
        Route(method: "PUT", path: "sentry-apps/draft/", body: "{}", allowed: 200, callers: writers),
        Route(method: "GET", path: "sentry-apps/draft/settings/", allowed: 200, callers: writers),
        Route(
            method: "GET", path: "sentry-apps/draft/installations/", allowed: 200,
            callers: [.member, .manager, .superuser, .readToken, .writeToken]),
        Route(method: "GET", path: "hookline/status/", allowed: 200, callers: [.superuser]),
        Route(method: "DELETE", path: "sentry-apps/draft/", ifMatch: #""x""#, allowed: 412, callers: writers),
        Route(
            method: "POST", path: "sentry-apps/draft/rotate-secret/", body: #"{"overlapSeconds":-1}"#, allowed: 400,
            callers: writers),
        Route(
            method: "POST", path: "sentry-apps/draft/signing-key/", body: #"{"overlapSeconds":-1}"#, allowed: 400,
            callers: writers),
        Route(
            method: "DELETE", path: "sentry-apps/draft/signing-key/", ifMatch: #""x""#, allowed: 412, callers: writers),
        Route(
            method: "GET", path: "organizations/acme/sentry-app-installations/", allowed: 200,
            callers: writers.union([.member, .readToken])),
        Route(
            method: "POST", path: "organizations/acme/sentry-app-installations/", body: "{}", allowed: 400,
            callers: writers),
        Route(
            method: "DELETE", path: "sentry-app-installations/\(ManagementFixture.installation)/", ifMatch: #""x""#,
            allowed: 412, callers: writers, outside: 404),
        // As events/: tokens only.
        Route(
            method: "POST", path: "organizations/acme/webhook-events/", body: "{}", allowed: 400,
            callers: [.enqueueToken]),
        Route(method: "GET", path: "hookline/directory/", allowed: 200, callers: administrators),
        Route(
            method: "POST", path: "hookline/directory/?mode=x", body: "{}", allowed: 400, callers: administrators),
    ]

    @Test(arguments: ManagementStore.allCases)
    func eachCallerMayDoWhatTheRuleSaysAndNothingElse(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let before = try fixture.export()

        for route in Self.routes {
            for caller in Caller.allCases {
                let response = try fixture.send(
                    route.method, route.path, route.body, as: caller, ifMatch: route.ifMatch)
                let expected =
                    route.callers.contains(caller)
                    ? route.allowed : caller == .nobody ? 401 : Self.outsiders.contains(caller) ? route.outside : 403
                #expect(
                    response.status == expected,
                    "\(route.method) \(route.path) as \(caller.rawValue): \(response.text)")
            }
        }

        // What was allowed was refused for another reason, or changed nothing.
        #expect(Self.withoutTime(try fixture.export()) == Self.withoutTime(before))
    }

    private static func withoutTime(_ document: GoldenValue) -> [GoldenValue.Member] {
        document.members.filter { $0.key != "exported_at" }
    }

    @Test func aPageOfAnotherSiteChangesNothing() throws {
        let fixture = try ManagementFixture()

        for (method, path) in [
            ("PUT", "sentry-apps/draft/"), ("DELETE", "sentry-apps/draft/"),
            ("DELETE", "sentry-app-installations/\(ManagementFixture.installation)/"),
            ("POST", "hookline/directory/"),
        ] {
            let response = try fixture.server.client(asAdministrator: true).send(
                method, "/api/0/" + path, basic: "root@hookline.test:\(ServerFixture.password)",
                headers: [("Origin", "https://evil.example"), ("Content-Type", "application/json")],
                body: Array("{}".utf8))
            #expect(response.status == 403, "\(method) \(path): \(response.text)")
            #expect(response.text.contains("CSRF"), "\(response.text)")
        }
    }

    @Test(arguments: ManagementStore.allCases)
    func nobodyGivesScopesThatHeLacks(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let app = #"{"organization":"acme","name":"Taker","scopes":["org:admin","event:read"]}"#

        // A manager has no org:admin, and this token only two scopes.
        let byManager = try fixture.send("POST", "sentry-apps/", app)
        let byToken = try fixture.send(
            "PUT", "sentry-apps/draft/", #"{"scopes":["event:read","event:write"]}"#, as: .writeToken)
        let kept = try fixture.send(
            "PUT", "sentry-apps/draft/", #"{"scopes":["event:read","org:write"]}"#, as: .writeToken)
        let byAdministrator = try fixture.send("POST", "sentry-apps/", app, as: .administratorToken)

        #expect(byManager.status == 400, "\(byManager.text)")
        #expect(byManager.json?["scopes"].elements.first?.string?.contains("org:admin") == true)
        #expect(byManager.json?["scopes"].elements.first?.string?.contains("event:read") == false)
        #expect(byToken.json?["scopes"].elements.first?.string?.contains("event:write") == true, "\(byToken.text)")
        #expect(kept.status == 200, "\(kept.text)")
        #expect(byAdministrator.status == 201, "\(byAdministrator.text)")
        // Who gets the secret could act with the app's scopes.
        let rotated = try fixture.send("POST", "sentry-apps/taker/rotate-secret/", "{}")
        #expect(rotated.status == 403 && rotated.text.contains("org:admin"), "\(rotated.text)")
    }

    /// The reading endpoints give such a token all scopes of the app, as the original does.
    @Test(arguments: ManagementStore.allCases)
    func aTokenThatActsForAnAppGivesItsOwnScopesOnly(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let imported = try fixture.send(
            "POST", "hookline/directory/",
            """
            {"users":[{"id":5,"username":"agent","is_sentry_app":true}],
             "apps":[{"id":3,"slug":"agent","owner_id":1,"status":"internal","proxy_user_id":5,
                      "scopes":["org:write","event:write"]}],
             "installations":[{"id":2,"app_id":3,"organization_id":1}],
             "tokens":[{"token":"\(ManagementFixture.agentToken)","user_id":5,"scopes":["org:write"]}]}
            """, as: .administratorToken)
        #expect(imported.status == 200, "\(imported.text)")
        func create(_ name: String, scope: String) throws -> HTTPClient.Response {
            try fixture.send(
                "POST", "sentry-apps/", #"{"organization":"acme","name":"\#(name)","scopes":["\#(scope)"]}"#,
                token: ManagementFixture.agentToken)
        }

        let refused = try create("More", scope: "event:write")
        let made = try create("Same", scope: "org:write")

        #expect(refused.status == 400 && refused.json?.members.map(\.key) == ["scopes"], "\(refused.text)")
        #expect(made.status == 201, "\(made.text)")
    }

    @Test(arguments: ManagementStore.allCases)
    func onlySuchATokenMakesAnAdministratorsToken(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        func document(_ token: String) -> String {
            #"{"tokens":[{"token":"\#(token)","user_id":2,"scopes":["hookline:admin"]}]}"#
        }

        let bySuperuser = try fixture.send(
            "POST", "hookline/directory/", document("made-by-a-superuser"), as: .superuser)
        let byToken = try fixture.send(
            "POST", "hookline/directory/", document("made-by-an-administrator"), as: .administratorToken)
        let again = try fixture.send(
            "POST", "hookline/directory/", document("made-by-an-administrator"), as: .superuser)

        #expect(bySuperuser.status == 400, "\(bySuperuser.text)")
        #expect(bySuperuser.json?["tokens[0].scopes"].elements.count == 1)
        #expect(byToken.status == 200, "\(byToken.text)")
        #expect(again.status == 200, "what is there already may stay: \(again.text)")
    }
}
