import Foundation
import TestSupport
import Testing

/// The rate limits of the shipped nginx files, with a small burst and no refill.
@Suite(.serialized)
struct RateLimitTests {
    private static let burst = 4
    /// Lets the test say from which address a request comes.
    private static let addressHeader = "set_real_ip_from 127.0.0.1; real_ip_header X-Test-Address;"

    private func server(_ signIn: ServerFixture.SignIn = .password) throws -> ServerFixture {
        try ServerFixture(
            signIn: signIn,
            options: .init(rate: "1r/m", burst: RateLimitTests.burst, http: RateLimitTests.addressHeader))
    }

    /// The statuses of `count` requests with a wrong password.
    private func guesses(
        _ count: Int, _ target: String, from address: String, at server: ServerFixture
    ) throws -> [Int] {
        let client = try server.client()
        return try (0..<count).map { number in
            try client.send(
                "GET", target, basic: "\(ServerFixture.owner):guess \(number)",
                headers: [("X-Test-Address", address)]
            ).status
        }
    }

    @Test(arguments: [
        "/", "/app.html", "/js/api.js", "/no-such-page", "/vendor/chart.js", ServerFixture.log,
        "/api/0/sentry-app-installations/\(ServerFixture.installation)/events/",
    ])
    func passwordsCannotBeGuessedWithoutLimitAnywhere(_ target: String) throws {
        let server = try server()

        let statuses = try guesses(RateLimitTests.burst + 3, target, from: "192.0.2.1", at: server)

        // One, and the burst.
        #expect(statuses == Array(repeating: 401, count: RateLimitTests.burst + 1) + [429, 429])
        #expect(try guesses(1, target, from: "192.0.2.2", at: server) == [401])
    }

    @Test(arguments: ["/", "/oauth2/sign_in"])
    func sessionsAndTheSignInPagesOfASingleSignOnAreLimitedToo(_ target: String) throws {
        let server = try server(.singleSignOn)

        let statuses = try guesses(RateLimitTests.burst + 2, target, from: "192.0.2.1", at: server)

        #expect(!statuses.dropLast().contains(429))
        #expect(statuses.last == 429)
    }

    @Test(arguments: ["/", ServerFixture.log, "/api/0/sentry-app-installations/x/events/"])
    func anIPv6NetworkOf64BitsIsOneClient(_ target: String) throws {
        let server = try server()

        var statuses: [Int] = []
        for number in 0...RateLimitTests.burst + 1 {
            statuses += try guesses(1, target, from: "2001:db8:1:2:\(number)::\(number + 1)", at: server)
        }

        #expect(statuses == Array(repeating: 401, count: RateLimitTests.burst + 1) + [429])
        #expect(try guesses(1, target, from: "2001:db8:1:3::1", at: server) == [401])
        // Bytes that are special in patterns and texts.
        #expect(try guesses(1, target, from: "::a0a:a0a:a0a:a0a", at: server) == [401])
    }

    @Test func addressesOfThePlatformMayQueueEventsWithoutLimitAndHaveTheOthers() throws {
        let server = try server()
        let count = RateLimitTests.burst + 3

        let events = try guesses(
            count, "/api/0/sentry-app-installations/x/events/", from: ServerFixture.platformAddress, at: server)
        let log = try guesses(count, ServerFixture.log, from: ServerFixture.platformAddress, at: server)

        #expect(events == Array(repeating: 401, count: count))
        #expect(log.last == 429)
    }

    @Test(arguments: [ServerFixture.log, "/api/0/sentry-app-installations/x/events/"])
    func aLimitedRequestToTheAPIIsToldWhenToTryAgain(_ target: String) throws {
        let server = try server()
        _ = try guesses(RateLimitTests.burst + 1, target, from: "127.0.0.1", at: server)

        let response = try server.client().send("GET", target)

        #expect(response.status == 429)
        #expect(response.header("Retry-After") == "1")
        #expect(response.header("Content-Type") == "application/json")
        #expect(response.text == #"{"detail":"Too many requests from this address. Try again in a second."}"#)
    }

    @Test func theSecurityPageHasTheRatesAndBurstsOfTheShippedFiles() throws {
        let text = { try String(contentsOfFile: ServerFixture.repositoryPath($0), encoding: .utf8) }
        let settings = try text("nginx/hookline.settings")
        let rates = Dictionary(
            uniqueKeysWithValues: settings.matches(of: #/zone=(\w+):1m rate=(\d+)r\/s;/#).map { ($0.1, $0.2) })
        let limits = try [
            "hookline.locations", "hookline.pages", "hookline-sso.conf", "hookline-relay-upstream.locations",
        ].map { try text("nginx/\($0)") }
        let shipped = try Set(
            limits.joined().matches(of: #/limit_req zone=(\w+) burst=(\d+) nodelay;/#).map {
                "\(try #require(rates[$0.1])) | \($0.2)"
            })
        let page = try text("docs/security.md")
        let table = try #require(page.components(separatedBy: "## Rate limits\n").last)
            .prefix(while: { $0 != "#" })

        #expect(rates.count == 5)
        #expect(Set(table.matches(of: #/\| (\d+ \| \d+) \|/#).map { String($0.1) }) == shipped)
    }

    @Test func anIPv4AddressWrittenAsIPv6CountsAsItself() throws {
        let server = try server()

        _ = try guesses(RateLimitTests.burst + 1, "/", from: "::ffff:192.0.2.1", at: server)

        #expect(try guesses(1, "/", from: "::ffff:192.0.2.1", at: server) == [429])
        #expect(try guesses(1, "/", from: "192.0.2.1", at: server) == [429])
        #expect(try guesses(1, "/", from: "::ffff:192.0.2.2", at: server) == [401])
    }
}
