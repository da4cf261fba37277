import Model
import TestSupport
import Testing

@testable import Buffer

/// Stored elements of every kind: usual, old, out of order, without a date, with two, and unusable ones.
enum EntrySamples {
    static func lists(_ random: inout SeededGenerator) -> [[String]] {
        (0..<Int.random(in: 0...20, using: &random)).map { _ in
            var moment = Int64(1_600_000_000_000_000)
            let isClean = Bool.random(using: &random)
            return (0..<Int.random(in: 0...60, using: &random)).map { _ in
                // Steps of 0 make ties; backward ones put the list out of order.
                moment -= [0, 0, 1, 1_000_000, 3_600_000_000].randomElement(using: &random) ?? 0
                if !isClean, Int.random(in: 0..<8, using: &random) == 0 { moment += 7_200_000_000 }
                return isClean ? usual(moment) : element(moment, &random)
            }
        }
    }

    private static func usual(_ moment: Int64) -> String {
        let date = Timestamp(microseconds: moment).pythonDescription
        return #"{"date":"\#(date)","response_code":200,"webhook_url":"https://hook.example.test"}"#
    }

    private static func element(_ moment: Int64, _ random: inout SeededGenerator) -> String {
        let date = Timestamp(microseconds: moment).pythonDescription
        let other = Timestamp(microseconds: moment + 5_000_000_000).pythonDescription
        return [
            usual(moment), usual(moment),
            #"{"date": "\#(date)", "response_code": 0}"#,
            #"{"response_code":500,"date":"\#(date)"}"#,
            #"{"date":"\#(Timestamp(microseconds: moment).iso8601Description)","response_code":1}"#,
            #"{"date":"\#(date)","response_code":1,"date":"\#(other)"}"#,
            #"{"date":"\#(date)","response_code":1,"d\u0061te":"\#(other)"}"#,
            #"{"date":"\#(date)","response_code":400,"response_body":"\"date\"","duration_ms":5}"#,
            #"{"date":"\#(date)","response_code":400,"request_headers":{"date":"\#(other)"}}"#,
            #"{"date":"\#(date)","response_code":400,"x":["\"date\":","date"]}"#,
            #"{"response_code":200}"#, #"{"date":null,"response_code":200}"#, #"{"date":"","response_code":200}"#,
            #"{"date":"yesterday","response_code":true}"#,
            #"{"date":"2023-02-30 00:00:00.000000+00:00","response_code":1}"#,
            #"{"date":"\#(date)","response_code":"404"}"#, #"{"date":"\#(date)","response_code":null}"#,
            #"{"date":"\#(date)"}"#, #"{"date":"\#(date)","response_code":1"#, "", "null", "[]", "nonsense",
        ].randomElement(using: &random) ?? ""
    }
}

/// The definition that the merge has to equal, written down with the test kit's own reader of JSON.
enum NaiveMerge {
    struct Row {
        var list: Int
        var text: String
        var date: Timestamp?
    }

    static func rows(of lists: [[String]], limit: Int) throws -> [Row] {
        var rows: [Row] = []
        for (list, texts) in lists.enumerated() {
            for text in texts {
                guard let date = date(of: text) else { continue }
                rows.append(Row(list: list, text: text, date: date))
            }
        }
        let order = rows.indices.sorted {
            let left = rows[$0].date?.microseconds ?? .min
            let right = rows[$1].date?.microseconds ?? .min
            return left == right ? $0 < $1 : left > right
        }
        return order.prefix(limit).map { rows[$0] }
    }

    /// The date of a usable element, which may be none; nil for one that is not usable.
    private static func date(of text: String) -> Timestamp?? {
        guard let value = try? GoldenValue(parsing: text), case .object = value else { return nil }
        switch value["response_code"] {
        case .bool, .number: break
        default: return nil
        }
        // The first date counts.
        let date = value.members.first { $0.key == "date" }?.value.string
        return .some(date.flatMap { Timestamp(parsing: $0) })
    }
}

extension EntryMerge {
    /// Merges lists of texts.
    static func page(
        of lists: [[String]], ordering: WebhookRequestQuery.Ordering, limit: Int
    ) -> WebhookRequestPage {
        var bytes: [UInt8] = []
        var positions = Lists()
        for texts in lists {
            for text in texts {
                let start = UInt32(bytes.count)
                bytes += Array(text.utf8)
                positions.elements.append(Element(lower: start, upper: UInt32(bytes.count)))
            }
            positions.ends.append(positions.elements.count)
        }
        var merge = EntryMerge()
        return merge.page(of: &positions, in: bytes.span, ordering: ordering, limit: limit)
    }
}

extension WebhookRequestPage {
    func text(_ fragment: WebhookRequestRow.Fragment) -> String {
        String(decoding: bytes[fragment.range], as: UTF8.self)
    }

    /// The stored elements of the rows, one behind the other.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
