import TestSupport
import Testing

/// Every golden query, over HTTPS through nginx with the shipped configuration, must get the response of the original,
/// except where the design deviates on purpose: those places are named in `Deviation`.
@Suite(.serialized)
struct GoldenTests {
    @Test(arguments: try Golden.all())
    func everyQueryIsAnsweredAsByTheOriginal(_ golden: Golden) throws {
        let server = try ServerFixture(golden: golden)

        let failures = try server.replay(golden)

        #expect(failures.isEmpty, "\(failures.count) differ:\n\(failures.prefix(5).joined(separator: "\n"))")
    }

    @Test(arguments: try Golden.all())
    func everyQueryIsAnsweredAlikeByThePlainCGIProgram(_ golden: Golden) throws {
        let server = try ServerFixture(golden: golden, responder: .cgi())

        let failures = try server.replay(golden)

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
                let response = try (isAdministrator ? administratorClient : client).send(query)
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
    fileprivate func send(_ query: GoldenValue) throws -> Response {
        let text = query["query"].string ?? ""
        var headers: [(name: String, value: String)] = []
        if let token = query["token"].string { headers.append(("Authorization", "Bearer " + token)) }
        if let type = query["content_type"].string { headers.append(("Content-Type", type)) }
        // Proof of same origin, as browsers send it; the original requires a CSRF token instead.
        headers.append(("Sec-Fetch-Site", "same-origin"))
        return try send(
            query["method"].string ?? "GET", (query["path"].string ?? "") + (text.isEmpty ? "" : "?" + text),
            basic: query["user"].string.map { "\($0):\(ServerFixture.password)" }, headers: headers,
            body: query["body"].string.map { Array($0.utf8) })
    }
}

/// The differences from golden responses that docs/compatibility.md allows.
enum Deviation {
    /// The difference from the expected response; nil when there is none.
    static func difference(of response: HTTPClient.Response, from query: GoldenValue) -> String? {
        let target = "\(query["method"].string ?? "") \(query["path"].string ?? "")?\(query["query"].string ?? "")"
        let status = expectedStatus(query)
        guard response.status == status else {
            return "\(target): status \(response.status) instead of \(status): \(response.text.prefix(300))"
        }
        if query["method"].string == "HEAD" {
            return response.body.isEmpty ? nil : "\(target): HEAD has a body"
        }
        guard query["compare"].string == "full", query["crash"].isNull else { return nil }
        guard let actual = response.json else { return "\(target): no JSON: \(response.text.prefix(300))" }
        let (left, right) = aligned(actual, query["json"])
        guard left.canonical == right.canonical else {
            return "\(target):\n  got      \(left.text.prefix(600))\n  expected \(right.text.prefix(600))"
        }
        return nil
    }

    /// The original's status, but: D7 (HEAD is GET), D15 (timestamps and bodies that crash the original are 400), and
    /// D1, D2, D3, D14 (stored entries that crash the original do no harm).
    private static func expectedStatus(_ query: GoldenValue) -> Int64 {
        if query["method"].string == "HEAD" { return 200 }
        guard query["crash"].isNull else {
            return (query["path"].string ?? "").hasSuffix("/requests/") ? 200 : 400
        }
        return query["status"].integer ?? 0
    }

    /// Takes out what we leave out or add on purpose: the `null` of an unreadable entry (D14), and the `errorUrl` of an
    /// entry whose project was stored as text (D3), which only the original's readers miss.
    private static func aligned(_ actual: GoldenValue, _ golden: GoldenValue) -> (GoldenValue, GoldenValue) {
        guard case .array(let rows) = actual, case .array(let goldenRows) = golden else { return (actual, golden) }
        let expected = goldenRows.filter { !$0.isNull }
        guard rows.count == expected.count else { return (actual, .array(expected)) }
        let cleaned = zip(rows, expected).map { row, expected in
            guard expected["errorUrl"].isNull else { return row }
            return GoldenValue.object(row.members.filter { $0.key != "errorUrl" })
        }
        return (.array(cleaned), .array(expected))
    }
}
