import TestSupport
import Testing

/// Every golden query, asked with Sentry's sessions and tokens of a responder that reads Sentry's PostgreSQL, must get
/// the response of the original.
@Suite(.serialized)
struct SentryGoldenTests {
    @Test(arguments: try Golden.all())
    func everyQueryIsAnsweredAsByTheOriginal(_ golden: Golden) throws {
        let site = try SentrySite(golden: golden.name)

        let failures = try site.replay(golden)

        #expect(failures.isEmpty, "\(failures.count) differ:\n\(failures.prefix(5).joined(separator: "\n"))")
    }

    @Test func theTablesOfALaterReleaseGiveTheSameResponses() throws {
        let golden = try Golden(name: "101")
        let site = try SentrySite(golden: golden.name, release: .release26)

        let failures = try site.replay(golden)

        #expect(failures.isEmpty, "\(failures.count) differ:\n\(failures.prefix(5).joined(separator: "\n"))")
    }
}

extension SentrySite {
    /// Asks every query of the file that does not depend on the time of asking; returns what differs, in words.
    fileprivate func replay(_ golden: Golden) throws -> [String] {
        let cookies = Dictionary(
            golden.directory["users"].elements.map { user in
                (
                    user["email"].string ?? "",
                    self.cookies(
                        userID: user["id"].integer ?? 0, isProxy: user["is_sentry_app"].bool == true,
                        isActiveSuperuser: user["superuser_active"].bool == true)
                )
            }, uniquingKeysWith: { first, _ in first })
        let client = try directClient()
        var failures: [String] = []
        for scenario in golden.cases where scenario.kind == "requests" || scenario.kind == "interaction" {
            try redis.load(scenario.redis)
            for query in scenario.queries where query["clock_dependent"].bool != true {
                let cookie = query["user"].string.flatMap { cookies[$0] }
                let response = try client.send(query, cookie: cookie)
                if let difference = Deviation.difference(of: response, from: query) {
                    failures.append("\(scenario) #\(query["id"].integer ?? 0): \(difference)")
                }
            }
        }
        return failures
    }
}

extension HTTPClient {
    /// Sends a golden query with its credentials.
    fileprivate func send(_ query: GoldenValue, cookie: String?) throws -> Response {
        let text = query["query"].string ?? ""
        var headers: [(name: String, value: String)] = []
        if let cookie { headers.append(("Cookie", cookie)) }
        if let token = query["token"].string { headers.append(("Authorization", "Bearer " + token)) }
        if let type = query["content_type"].string { headers.append(("Content-Type", type)) }
        // Proof of same origin, as browsers send it; the original's test client needs no CSRF token.
        headers.append(("Sec-Fetch-Site", "same-origin"))
        return try send(
            query["method"].string ?? "GET", (query["path"].string ?? "") + (text.isEmpty ? "" : "?" + text),
            headers: headers, body: query["body"].string.map { Array($0.utf8) })
    }
}
