import TestSupport
import Testing

/// `hookline-fcgi --check` beside Sentry: what an operator finds out before nginx passes anything to Hookline.
@Suite(.serialized)
struct SentryCheckTests {
    private let site: SentrySite
    private let member: Int64

    init() throws {
        site = try SentrySite()
        let users = try Golden(name: "101").directory["users"].elements
        member = try #require(users.first { $0["is_sentry_app"].bool != true }?["id"].integer)
    }

    @Test func everythingIsThere() throws {
        let check = try site.check()

        #expect(check.status == .exited(0), "\(check.output)\(check.error)")
        #expect(check.output.hasSuffix("the configuration is valid\n"))
        #expect(!check.error.contains("problem"))
    }

    @Test func aSessionCookieIsVerified() throws {
        let cookie = site.cookies(userID: member)

        for input in [cookie, String(cookie.dropFirst("sentrysid=".count)) + "\n"] {
            let check = try site.check(cookie: input)

            #expect(check.status == .exited(0), "\(check.error)")
            #expect(check.output.contains("the session cookie is that of user \(member), "))
        }
    }

    @Test func aWrongSecretIsFoundAndNothingOfTheCookieIsPrinted() throws {
        let cookie = site.cookies(userID: member)

        try site.directory.write("another-secret", to: "session-secret")
        let check = try site.check(cookie: cookie)

        #expect(check.status == .exited(78))
        #expect(check.error.contains("the session cookie is not accepted: it is not signed with the configured secret"))
        let printed = check.output + check.error
        #expect(!cookie.split(separator: ":").contains { printed.contains($0) })
        #expect(!printed.contains("another-secret"))
    }

    @Test(arguments: ["", "x", "sentrysid=x"])
    func textThatIsNoCookieIsNotAccepted(text: String) throws {
        let check = try site.check(cookie: text)

        #expect(check.status == .exited(78))
        #expect(check.error.contains("the session cookie is not accepted: it is not the value of the cookie sentrysid"))
    }

    @Test func aMissingRightIsNamedWithItsGrant() throws {
        try site.database.execute("REVOKE SELECT (password) ON auth_user FROM \(PostgreSQLOriginal.role)")

        let check = try site.check()

        #expect(check.error.contains("auth_user.password"), "\(check.error)")
        #expect(check.error.contains("GRANT"))
    }

    @Test(arguments: [
        (PostgreSQLOriginal.release23, "HOOKLINE_PROTOCOL=auto follows release 23.7: "),
        (.release26, "those of release 26.7 to 26.9.\n  Stricter, as in 26.9: who may read the log"),
    ])
    func theReleaseIsFoundOutFromTheColumns(
        _ release: PostgreSQLOriginal, _ text: String
    ) throws {
        let site = try SentrySite(release: release, settings: ["HOOKLINE_PROTOCOL": "auto"])

        let check = try site.check()

        #expect(check.status == .exited(0), "\(check.error)")
        #expect(check.output.contains(text), "\(check.output)")
    }

    @Test func aReleaseThatTheColumnsDoNotFitIsAWarningHereAndAtTheStart() throws {
        let site = try SentrySite(release: .release26, settings: ["HOOKLINE_PROTOCOL": "25.12"])
        let text = "HOOKLINE_PROTOCOL=25.12 is older than the tables of the directory"

        let check = try site.check()

        #expect(check.status == .exited(0))
        #expect(check.error.contains("warning: " + text), "\(check.error)")
        try site.stop()
        #expect(site.log.contains(text), "\(site.log)")
    }

    @Test func anotherProgramHasNoSuchArgument() throws {
        let check = try ChildProcess.run([BuiltProducts.path("hookline-worker"), "--session-cookie-stdin"])

        #expect(check.status == .exited(64))
    }
}

extension SentrySite {
    /// Runs `hookline-fcgi --check` with the site's settings.
    ///
    /// - Parameter cookie: given on standard input with `--session-cookie-stdin`.
    fileprivate func check(
        cookie: String? = nil
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        try ChildProcess.run(
            [try BuiltProducts.path("hookline-fcgi"), "--check"] + (cookie == nil ? [] : ["--session-cookie-stdin"]),
            environment: environment, standardInput: cookie)
    }
}
