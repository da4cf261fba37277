import Foundation
import TestSupport
import Testing

/// What `SecretExposureTests` looks for, beside a Sentry: session cookies and their secret, and what is in Sentry's
/// tables.
@Suite(.serialized) struct SentryExposureTests {
    private let secrets = [
        "client secret": "hidden-9f3b6c-sentrys-client-secret", "header value": "hidden-9f3b6c-sentrys-header",
        "database password": "hidden-9f3b6c-role-password", "session secret": SentrySite.secret,
        "password hash": SentrySite.passwordHash, "encryption key": "hidden-9f3b6c-encryption-key",
    ]

    @Test func nothingOfSessionsAndOfSentrysTablesIsWrittenButTheClientSecretInDetails() throws {
        let site = try SentrySite(release: .release26)
        try site.database.execute(
            """
            UPDATE sentry_apiapplication SET client_secret = '\(secrets["client secret"] ?? "")';
            UPDATE sentry_sentryapp SET webhook_headers = ARRAY['X-Theirs: \(secrets["header value"] ?? "")']
            """)
        let users = try Golden(name: "101").directory["users"].elements
        let user = try #require(users.first { $0["is_sentry_app"].bool != true }?["id"].integer)
        let cookie = site.cookies(userID: user, isActiveSuperuser: true)
        var (secrets, written) = (secrets, WrittenTexts())
        // The payload of the session, which a signature follows.
        let payload = try #require(cookie.dropFirst("sentrysid=".count).split(separator: ":").first)
        secrets["session cookie"] = String(payload)

        let client = try site.directClient()
        let bearer = (name: "Authorization", value: "Bearer " + payload)
        for (name, headers) in [
            ("signed in", [(name: "Cookie", value: cookie)]), ("bearer", [bearer]), ("nobody", []),
            ("forged", [(name: "Cookie", value: cookie.replacing(":", with: ":x"))]),
        ] {
            for path in ["", "requests/", "stats/", "health/", "why/?eventType=issue.created"] {
                let target = "/api/0/sentry-apps/pub-app/\(path)"
                let answer = try client.send("GET", target, headers: headers)
                written.add(answer.headers.map { "\($0.value)\n" }.joined() + answer.text, from: "\(target) (\(name))")
                #expect(answer.status == (name == "signed in" ? 200 : 401), "\(target) \(name) \(answer.text)")
            }
        }
        try checkAndCommand(site, cookie: cookie, into: &written)
        try site.stop()
        written.add(site.log, from: "the responder's log")
        try written.add(site.redis, from: "Redis")
        try written.add(folder: site.directory.path, as: "folder", except: ["session-secret"])

        #expect(!site.log.isEmpty)
        #expect(
            written.exposures(of: secrets) == ["/api/0/sentry-apps/pub-app/ (signed in)": ["client secret"]])
    }

    /// Programs and commands with the secrets in settings, right and wrong.
    private func checkAndCommand(_ site: SentrySite, cookie: String, into written: inout WrittenTexts) throws {
        let keys = try TemporaryDirectory()
        try keys.write(secrets["encryption key"] ?? "", to: "key")
        let password = secrets["database password"] ?? ""
        let location = site.database.roleURL.replacing("@", with: ":\(password)@", maxReplacements: 1)
        for (number, settings) in [
            [:], ["HOOKLINE_DIRECTORY": location], ["HOOKLINE_ENCRYPTION_KEYS": keys.path],
            ["HOOKLINE_DIRECTORY": location + "/nowhere"],
        ].enumerated() {
            let environment = site.environment.merging(settings) { $1 }
            for (program, flags) in [
                ("hookline-fcgi", ["--session-cookie-stdin"]), ("hookline-cgi", []), ("hookline-worker", []),
            ] {
                let check = try ChildProcess.run(
                    [BuiltProducts.path(program), "--check"] + flags, environment: environment, standardInput: cookie)
                written.add(check.output + check.error, from: "\(program) --check \(number)")
            }
            for command in [
                ["app", "show", "pub-app"], ["app", "rotate-secret", "pub-app"], ["token", "list"], ["audit", "list"],
                ["app", "set", "pub-app", "--remove-header", "X-Theirs"],
            ] {
                let run = try ChildProcess.run([BuiltProducts.path("hookline")] + command, environment: environment)
                written.add(run.output + run.error, from: "\(command.joined(separator: " ")) \(number)")
            }
        }
    }
}
