import TestSupport
import Testing

/// Every golden query, over HTTPS through nginx with the shipped configuration, must be answered as the original did,
/// except where the design deviates on purpose: those places are named in `Deviation`.
@Suite(.serialized)
struct GoldenTests {
    @Test(arguments: try Golden.all())
    func everyQueryIsAnsweredAsByTheOriginal(_ golden: Golden) throws {
        let site = try ServerFixture(golden: golden)

        let failures = try site.replay(golden)

        #expect(failures.isEmpty, "\(failures.count) differ:\n\(failures.prefix(5).joined(separator: "\n"))")
    }

    @Test(arguments: try Golden.all())
    func everyQueryIsAnsweredAlikeByThePlainCGIProgram(_ golden: Golden) throws {
        let site = try ServerFixture(golden: golden, responder: .cgi)

        let failures = try site.replay(golden)

        #expect(failures.isEmpty, "\(failures.count) differ:\n\(failures.prefix(5).joined(separator: "\n"))")
    }
}

extension ServerFixture {
    convenience init(golden: Golden, responder: Responder = .fastCGI(count: 1)) throws {
        try self.init(
            document: golden.directory.text,
            logins: golden.directory["users"].elements.compactMap { $0["email"].string }, responder: responder)
    }

    /// Asks every query of the file that does not depend on the time of asking; returns what differs, in words.
    func replay(_ golden: Golden) throws -> [String] {
        let administrators = Set(
            golden.directory["users"].elements.filter { $0["superuser_active"].bool == true }
                .compactMap { $0["email"].string })
        let client = try client()
        let administratorClient = try self.client(asAdministrator: true)
        var failures: [String] = []
        for scenario in golden.cases where scenario.kind == "requests" || scenario.kind == "interaction" {
            try redis.load(scenario.redis)
            for query in scenario.queries where query["clock_dependent"].bool != true {
                let isAdministrator = administrators.contains(query["user"].string ?? "")
                let answer = try (isAdministrator ? administratorClient : client).send(query)
                if let difference = Deviation.difference(of: answer, from: query) {
                    failures.append("\(scenario) #\(query["id"].integer ?? 0): \(difference)")
                }
            }
        }
        return failures
    }
}

extension HTTPClient {
    /// Sends a golden query with its credentials.
    fileprivate func send(_ query: GoldenValue) throws -> Answer {
        let text = query["query"].string ?? ""
        var headers: [(name: String, value: String)] = []
        if let token = query["token"].string { headers.append(("Authorization", "Bearer " + token)) }
        if let type = query["content_type"].string { headers.append(("Content-Type", type)) }
        // The browser's word that the call comes from the page itself; the original asks for a CSRF token instead.
        headers.append(("Sec-Fetch-ServerFixture", "same-origin"))
        return try send(
            query["method"].string ?? "GET", (query["path"].string ?? "") + (text.isEmpty ? "" : "?" + text),
            basic: query["user"].string.map { "\($0):\(ServerFixture.password)" }, headers: headers,
            body: query["body"].string.map { Array($0.utf8) })
    }
}
