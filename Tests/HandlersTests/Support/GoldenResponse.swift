import Handlers
import TestSupport

/// The expected responses of golden queries, with the deviations of docs/compatibility.md.
enum GoldenResponse {
    /// What is wrong with the response, in words; nil when it is as it must be.
    static func difference(of response: Response, from query: GoldenValue) -> String? {
        let name =
            "#\(query["id"].integer ?? -1) \(query["method"].string ?? "") \(query["path"].string ?? "")"
            + "?\(query["query"].string ?? "") \(query["body"].string ?? "")"
        let body = String(decoding: response.body, as: UTF8.self)
        let status = expectedStatus(of: query)
        guard response.status == status else {
            return "\(name): status \(response.status), not \(status): \(body.prefix(200))"
        }
        guard query["compare"].string == "full", query["crash"].isNull else { return nil }
        guard let actual = try? GoldenValue(parsing: response.body) else { return "\(name): not JSON: \(body)" }
        let expected = query["json"]
        let compared = withoutDeviations(actual, expected: expected)
        guard compared.canonical != withoutNulls(expected).canonical else { return nil }
        return "\(name):\n got \(compared.text.prefix(3000))\n not \(expected.text.prefix(3000))"
    }

    /// The original's status, save for D7 (HEAD), D15 (timestamps and bodies), and D1, D2, D3, D14 (stored entries).
    private static func expectedStatus(of query: GoldenValue) -> Int {
        if query["method"].string == "HEAD" { return 200 }
        guard query["crash"].isNull else {
            return query["path"].string?.hasSuffix("/requests/") == true ? 200 : 400
        }
        return Int(query["status"].integer ?? 0)
    }

    /// D3: rows whose project was stored as text have an `errorUrl` here and none in the original.
    private static func withoutDeviations(_ actual: GoldenValue, expected: GoldenValue) -> GoldenValue {
        guard case .array(let rows) = actual, case .array(let goldenRows) = withoutNulls(expected),
            rows.count == goldenRows.count
        else { return actual }
        return .array(
            zip(rows, goldenRows).map { row, golden in
                guard golden["errorUrl"].isNull else { return row }
                return .object(row.members.filter { $0.key != "errorUrl" })
            })
    }

    /// D14: an entry whose code is no number is a bare `null` in the original.
    private static func withoutNulls(_ expected: GoldenValue) -> GoldenValue {
        guard case .array(let rows) = expected else { return expected }
        return .array(rows.filter { !$0.isNull })
    }
}

extension Request {
    /// The request of a golden query. Unsafe ones prove their origin: the original's were sent with a CSRF token.
    convenience init(golden query: GoldenValue, in golden: Golden) {
        let email = query["user"].string
        let user = golden.directory["users"].elements.first { $0["email"].string == email && email != nil }
        self.init(
            method: query["method"].string ?? "GET", path: .encoded(query["path"].string ?? ""),
            query: query["query"].string ?? "", body: Array((query["body"].string ?? "").utf8), remoteUser: email,
            allowsSuperuser: user?["superuser_active"].bool == true,
            authorization: query["token"].string.map { "Bearer " + $0 },
            contentType: query["content_type"].string, secFetchSite: "same-origin")
    }
}
