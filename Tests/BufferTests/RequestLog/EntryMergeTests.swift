import Model
import TestSupport
import Testing

@testable import Buffer

/// Merging the lists of a log.
@Suite
struct EntryMergeTests {
    @Test(arguments: 0..<400)
    func equalsSortingEverythingForRandomListsOfEveryKind(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lists = EntrySamples.lists(&random)
        let limit = Int.random(in: 0...120, using: &random)

        let page = EntryMerge.page(of: lists, ordering: .byDate, limit: limit)

        let expected = try NaiveMerge.rows(of: lists, limit: limit)
        #expect(page.rows.map(\.eventIndex) == expected.map(\.list))
        #expect(page.text == expected.map(\.text).joined())
        #expect(page.rows.map(\.date) == expected.map(\.date))
    }

    @Test func theListOfOneEventKeepsItsOrder() {
        let texts = ["2001-01-01 00:00:00+00:00", "2003-01-01 00:00:00+00:00", "2002-01-01 00:00:00+00:00"]
            .map { #"{"date":"\#($0)","response_code":200}"# }

        let listed = EntryMerge.page(of: [texts], ordering: .listOrderForOneEvent, limit: 2)
        let dated = EntryMerge.page(of: [texts], ordering: .byDate, limit: 2)

        #expect(listed.text == texts[0] + texts[1])
        #expect(dated.text == texts[1] + texts[2])
    }

    @Test func unusableElementsAreSkippedAndCounted() {
        let good = #"{"date":"2002-01-01 00:00:00.000001+00:00","response_code":200}"#
        let bad = [
            #"{"date":"2003-01-01 00:00:00.000001+00:00","response_code":"404"}"#,
            #"{"date":"2003-01-01 00:00:00.000001+00:00","response_code":200"#, "not json", "[1]", "",
            #"{"date":"2003-01-01 00:00:00.000001+00:00"}"#, #"{"response_code":NaN}"#,
        ]

        for ordering in [WebhookRequestQuery.Ordering.byDate, .listOrderForOneEvent] {
            let page = EntryMerge.page(of: [bad + [good]], ordering: ordering, limit: 1)

            #expect(page.text == good)
            #expect(page.skippedCount == bad.count)
        }
    }

    @Test func theFirstOfTwoDatesCountsHoweverTheSecondIsWritten() {
        let old = "2001-01-01 00:00:00.000001+00:00"
        let new = "2009-01-01 00:00:00.000001+00:00"
        let names = ["date", #"\u0064ate"#, #"d\u0061te"#, #"da\u0074e"#, #"dat\u0065"#]

        for name in names {
            let twice = #"{"date":"\#(old)","response_code":200, "\#(name)":"\#(new)"}"#
            let between = #"{"date":"2005-01-01 00:00:00.000001+00:00","response_code":200}"#
            let page = EntryMerge.page(of: [[between], [twice]], ordering: .byDate, limit: 2)

            #expect(page.text == between + twice)
            #expect(page.rows.last.map { page.text($0.dateText) } == "\"\(old)\"")
            #expect(page.rows.last?.date == Timestamp(parsing: old))
        }
    }

    @Test(arguments: [
        #"{"response_code":1, "date": "2001-01-01 00:00:00.000001+00:00","date":"2009-01-01 00:00:00.000001+00:00"}"#,
        #"{"d\u0061te":"2001-01-01 00:00:00.000001+00:00","date":"2009-01-01 00:00:00.000001+00:00","response_code":1}"#,
        #"{"date":"2001-01-01 00:00:00.000001+00:00","unknown_name":0,"date":null,"response_code":1,"reason":"timeout"}"#,
    ])
    func theFirstDateCountsWhateverItsPlaceAndSpelling(entry: String) {
        let page = EntryMerge.page(of: [[entry]], ordering: .byDate, limit: 1)

        #expect(page.rows[0].date == Timestamp(parsing: "2001-01-01 00:00:00.000001+00:00"))
        #expect(page.text(page.rows[0].dateText) == "\"2001-01-01 00:00:00.000001+00:00\"")
    }

    @Test func theLastOfOtherRepeatedNamesCounts() {
        let entry = #"{"date":"2001-01-01 00:00:00.000001+00:00","response_code":200,"response_code":500}"#

        let page = EntryMerge.page(of: [[entry]], ordering: .byDate, limit: 1)

        #expect(page.rows[0].responseCode == 500)
    }

    @Test func fragmentsAreTheStoredJSONIncludingQuotes() {
        let entry =
            #"{"webhook_url": "https://a/\u00e9", "response_code" : 404.0,"request_headers":{"date":"x"},"#
            + #""date":null,"organization_id":7,"project_id":"9","reason":"timeout"}"#

        let page = EntryMerge.page(of: [["{}", entry]], ordering: .byDate, limit: 5)

        #expect(page.rows.count == 1)
        let row = page.rows[0]
        #expect(page.text(row.webhookURL) == #""https://a/\u00e9""#)
        #expect(page.text(row.responseCodeText) == "404.0")
        #expect(row.responseCode == 404)
        #expect(page.text(row.requestHeaders) == #"{"date":"x"}"#)
        #expect(page.text(row.dateText) == "null")
        #expect(row.date == nil)
        #expect(page.text(row.organizationID) == "7")
        #expect(page.text(row.projectID) == #""9""#)
        #expect(page.text(row.reason) == #""timeout""#)
        #expect(!row.errorID.isPresent && !row.responseBody.isPresent)
    }

    @Test(arguments: [
        ("true", 1), ("false", 0), ("404.9", 404), ("-0", 0), ("-2.5", -2), ("4e2", 400), ("1e999", Int.max),
        ("-1e999", Int.min), ("9223372036854775807", Int.max), ("9223372036854775808", Int.max),
        ("-9223372036854775808", Int.min),
    ])
    func numbersInResponseCodeAreTruncatedToIntegersTrueIs1(text: String, expected: Int) {
        let page = EntryMerge.page(of: [[#"{"response_code":\#(text)}"#]], ordering: .byDate, limit: 1)

        #expect(page.rows.map(\.responseCode) == [expected])
        #expect(page.rows.map { page.text($0.responseCodeText) } == [text])
    }
}
