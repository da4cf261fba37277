import Foundation
import TestSupport
import Testing

/// What a client says about who it is must change nothing: only nginx's word counts.
@Suite(.serialized)
struct SpoofingTests {
    /// Headers by which a client may try to become somebody else.
    static let forgeries: [[(name: String, value: String)]] = {
        let names = [
            "Remote-User", "Remote_User", "REMOTE_USER", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email",
            "X-Auth-Request-Email", "X-Auth-Request-User", "Remote-Email", "Hookline-User", "Http-Remote-User",
            "HTTP_REMOTE_USER", "Auth-User",
        ]
        let rights = ["Auth-Superuser", "Auth_Superuser", "AUTH_SUPERUSER", "X-Auth-Superuser", "Hookline-Superuser"]
        let one = names.map { [(name: $0, value: ServerFixture.owner)] } + rights.map { [(name: $0, value: "1")] }
        let all = names.map { (name: $0, value: ServerFixture.superuser) } + rights.map { (name: $0, value: "1") }
        let address = [
            (name: "X-Forwarded-For", value: ServerFixture.adminAddress), (name: "X-Real-IP", value: "127.0.0.2"),
        ]
        return one + [all, all + all, address + all]
    }()

    @Test func noHeaderAuthenticatesAnAnonymousCaller() throws {
        let server = try ServerFixture()
        try server.addRow()
        let client = try server.client()

        for headers in SpoofingTests.forgeries {
            let response = try client.send("GET", ServerFixture.log, headers: headers)

            #expect(response.status == 401, "\(headers)")
            #expect(response.text == #"{"detail":"Authentication credentials were not provided."}"#)
        }
    }

    @Test func signedInCallersGainNothingByHeaders() throws {
        let server = try ServerFixture()
        try server.addRow()
        let client = try server.client()

        for headers in SpoofingTests.forgeries {
            for login in [ServerFixture.outsider, ServerFixture.superuser] {
                let response = try client.send(
                    "GET", ServerFixture.log, basic: "\(login):\(ServerFixture.password)", headers: headers)

                #expect(response.status == 403, "\(login) \(headers)")
            }
            let own = try client.send(
                "GET", ServerFixture.log, basic: "\(ServerFixture.owner):\(ServerFixture.password)", headers: headers)
            #expect(own.status == 200, "\(headers)")
        }
    }

    @Test func superuserRightsCountOnlyWhereNginxAllowsThem() throws {
        let server = try ServerFixture()
        try server.addRow()
        let credentials = "\(ServerFixture.superuser):\(ServerFixture.password)"

        let outside = try server.client().send("GET", ServerFixture.log, basic: credentials)
        let inside = try server.client(asAdministrator: true).send("GET", ServerFixture.log, basic: credentials)
        let noSuperuser = try server.client(asAdministrator: true).send(
            "GET", ServerFixture.log, basic: "\(ServerFixture.outsider):\(ServerFixture.password)")

        #expect(outside.status == 403)
        #expect(inside.status == 200)
        #expect(noSuperuser.status == 403)
    }

    @Test func aProxyHeaderChangesNothing() throws {
        let server = try ServerFixture()
        try server.addRow()
        let credentials = "\(ServerFixture.owner):\(ServerFixture.password)"

        let plain = try server.client().send("GET", ServerFixture.log, basic: credentials)
        let proxied = try server.client().send(
            "GET", ServerFixture.log, basic: credentials, headers: [("Proxy", "http://127.0.0.1:1"), ("Proxy", "x")])

        #expect(proxied.status == 200)
        #expect(proxied.body == plain.body)
    }

    @Test(arguments: [
        [("Authorization", "Bearer nonsense"), ("Authorization", "Basic {owner}")],
        [("Authorization", "Basic {owner}"), ("Authorization", "Bearer nonsense")],
        [("Authorization", "Bearer nonsense"), ("authorization", "Bearer nonsense")],
        [("Authorization", "Bearer Basic {owner}")], [("Authorization", "bearer\tBasic {owner}")],
        [("Authorization", "Bearer {owner}")], [("Authorization", "Bearer")], [("Authorization", "BEARER x y z")],
        [("Authorization", "Basic {owner}")], [("Authorization", "basic {owner}")],
        [("Authorization", "Basic {owner} Bearer")], [("Authorization", "Negotiate {owner}")],
        [("Authorization", "Basic")], [("Authorization", "Token {owner}")],
    ])
    func wrongCredentialsNeverReachTheLog(_ headers: [(String, String)]) throws {
        let server = try ServerFixture()
        try server.addRow()
        // The owner's name with a password that is not theirs.
        let forged = "b3duZXJAYWNtZS50ZXN0Ondyb25n"

        let response = try server.client().send(
            "GET", ServerFixture.log,
            headers: headers.map { ($0.0, $0.1.replacingOccurrences(of: "{owner}", with: forged)) })

        #expect([400, 401].contains(response.status), "\(response.status) \(response.text)")
        #expect(!response.text.contains("webhookUrl"))
    }

    @Test func tokensAndPasswordsReachTheLog() throws {
        let server = try ServerFixture()
        try server.addRow()

        let byToken = try server.client().send(
            "GET", ServerFixture.log, headers: [("Authorization", "Bearer \(ServerFixture.token)")])
        let byPassword = try server.get(ServerFixture.log, as: ServerFixture.owner)

        #expect(byToken.status == 200)
        #expect(byToken.body == byPassword.body)
        #expect(byToken.json?.elements.count == 1)
    }

    @Test(arguments: ["requests", "webhook-requests", "interaction", "stats"])
    func anonymousCallersReachNothing(_ endpoint: String) throws {
        let server = try ServerFixture()
        try server.addRow()
        let client = try server.client()
        let base = "/api/0/sentry-apps/"

        for slug in ["sample-app", "no-such-app"] {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"] {
                let response = try client.send(
                    method, "\(base)\(slug)/\(endpoint)/", body: method == "POST" ? Array("{}".utf8) : nil)

                #expect(response.status == 401, "\(method) \(slug) \(endpoint)")
                #expect(!response.text.contains("hook.example"))
            }
            let details = try client.send("GET", "\(base)\(slug)/")
            #expect(details.status == 401)
        }
    }
}
