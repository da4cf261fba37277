import TestSupport

/// Where an answer may differ from the golden one: the deviations of the design that golden queries meet.
enum Deviation {
    /// What is wrong with an answer, in words; nil when it is as it must be.
    static func difference(of answer: HTTPClient.Answer, from query: GoldenValue) -> String? {
        let target = "\(query["method"].string ?? "") \(query["path"].string ?? "")?\(query["query"].string ?? "")"
        let status = expectedStatus(query)
        guard answer.status == status else {
            return "\(target): status \(answer.status) instead of \(status): \(answer.text.prefix(300))"
        }
        if query["method"].string == "HEAD" {
            return answer.body.isEmpty ? nil : "\(target): HEAD has a body"
        }
        guard query["compare"].string == "full", query["crash"].isNull else { return nil }
        guard let actual = answer.json else { return "\(target): no JSON: \(answer.text.prefix(300))" }
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
