import Model
import Testing

@testable import Buffer

/// Dates of stored requests.
@Suite
struct StoredDateTests {
    @Test func theCanonicalFormIsReadAsByTheGeneralParserWithAnyOneCharacterChanged() {
        var reader = StoredDateReader()
        let text = Array("2019-09-25 23:54:54.440000+00:00".utf8)
        var differing = 0

        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                let fast = reader.canonical(changed.span, at: 0)
                if let fast {
                    #expect(fast == Timestamp(parsing: changed))
                } else {
                    differing += Timestamp(parsing: changed) == nil ? 0 : 1
                }
            }
        }

        // A T for the space, a point for nothing else; offsets other than zero.
        #expect(differing > 0)
    }

    @Test(arguments: [
        "2019-02-29 00:00:00.000000+00:00", "2019-13-01 00:00:00.000000+00:00", "2019-01-01 24:00:00.000000+00:00",
        "0000-01-01 00:00:00.000000+00:00", "2019-01-00 00:00:00.000000+00:00", "2019-01-01 00:60:00.000000+00:00",
        "2019-01-01 00:00:60.000000+00:00", "2019-04-31 00:00:00.000000+00:00",
    ])
    func daysAndTimesThatDoNotExistAreNoDates(text: String) {
        var reader = StoredDateReader()

        let canonical = reader.canonical(Array(text.utf8).span, at: 0)
        let date = reader.any(Array(text.utf8).span)

        #expect(canonical == nil && date == nil)
    }

    @Test(arguments: [
        "2023-08-11 01:09:59.251813+00:00", "2023-08-11T01:09:59.251813Z", "2023-08-11 03:09:59.251813+02:00",
        "2023-08-11 01:09:59.251813", #"2023\u002d08-11 01:09:59.251813Z"#,
    ])
    func everyFormThatAVersionWroteIsRead(text: String) {
        var reader = StoredDateReader()

        let date = reader.any(Array(text.utf8).span)

        #expect(date == Timestamp(microseconds: 1_691_716_199_251_813))
    }

    @Test func aDateIsLookedForOnlyWhereItFits() {
        var reader = StoredDateReader()
        let text = Array("2019-09-25 23:54:54.440000+00:00".utf8)

        let behind = reader.canonical(text.span, at: 1)
        let before = reader.canonical(text.span, at: -1)
        let short = reader.canonical(Array(text.dropLast()).span, at: 0)
        let fitting = reader.canonical((Array("xx".utf8) + text).span, at: 2)

        #expect(behind == nil && before == nil && short == nil)
        #expect(fitting == Timestamp(parsing: text))
    }

    @Test func everyDayOfAYearIsReadAndTheDayAfterAMonthsLastIsInvalid() {
        var reader = StoredDateReader()
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

        for year in [1900, 1999, 2000, 2023, 2024] {
            for month in 1...12 {
                for day in 0...32 {
                    let text = Array("\(year)-\(padded(month))-\(padded(day)) 23:59:59.999999+00:00".utf8)

                    let date = reader.canonical(text.span, at: 0)

                    #expect(date == Timestamp(parsing: text), "\(String(decoding: text, as: UTF8.self))")
                }
            }
        }
    }

    @Test func consecutiveDaysAreDistinguished() {
        var reader = StoredDateReader()
        let texts = ["2019-09-25", "2019-09-25", "2019-09-26", "2019-10-26", "2020-10-26", "2020-02-30", "2020-10-26"]
            .map { Array("\($0) 23:54:54.440000+00:00".utf8) }

        let dates = texts.map { reader.canonical($0.span, at: 0) }

        #expect(dates == texts.map { Timestamp(parsing: $0) })
    }
}
