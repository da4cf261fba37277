import Model
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("2019-09-25 23:54:54.440000+00:00", 1_569_455_694_440_000),
            ("2019-09-25 23:54:54+00:00", 1_569_455_694_000_000),
            ("2019-09-25T23:54:54.440000Z", 1_569_455_694_440_000),
            ("2019-09-25T23:54:54.44Z", 1_569_455_694_440_000),
            ("2019-09-25 23:54:54.440000", 1_569_455_694_440_000),
            ("2019-09-25T23:54:54", 1_569_455_694_000_000),
            ("2019-09-25 23:54", 1_569_455_640_000_000),
            ("2019-09-25T23:54Z", 1_569_455_640_000_000),
            ("2019-09-26 01:54:54.440000+02:00", 1_569_455_694_440_000),
            ("2019-09-26 05:24:54+0530", 1_569_455_694_000_000),
            ("2019-09-25 18:54:54-05", 1_569_455_694_000_000),
            ("2019-09-25 23:54:54.1234567899+00:00", 1_569_455_694_123_456),
            ("2019-09-25 23:54:54.000001-00:00", 1_569_455_694_000_001),
            ("1970-01-01 00:00:00Z", 0),
            ("1969-12-31 23:59:59.999999+00:00", -1),
            ("1969-12-31 23:59:59+00:00", -1_000_000),
            ("0001-01-01 00:00:00+00:00", -62_135_596_800_000_000),
            ("9999-12-31 23:59:59.999999+00:00", 253_402_300_799_999_999),
            ("2000-02-29 00:00:00Z", 951_782_400_000_000),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000_000),
        ] as [(String, Int64)])
    func everyFormThatAVersionOfTheOriginalWroteOrReadsIsTheSameMoment(text: String, microseconds: Int64) {
        #expect(Timestamp(parsing: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", " ", "2019", "2019-09-25", "2019-09-25 ", "2019-09-25  23:54:54", "2019-09-25_23:54:54",
        "2019-9-25 23:54:54", "19-09-25 23:54:54", "2019-13-01 00:00:00", "2019-00-01 00:00:00",
        "2019-02-29 00:00:00", "1900-02-29 00:00:00", "2019-04-31 00:00:00", "2019-01-00 00:00:00",
        "2019-01-32 00:00:00", "0000-01-01 00:00:00", "2019-01-01 24:00:00", "2019-01-01 00:60:00",
        "2019-01-01 00:00:60", "2019-01-01 00:00:00.", "2019-01-01 00:00:00.Z", "2019-01-01 00:00:00,5",
        "2019-01-01 00:00:00+24:00", "2019-01-01 00:00:00+00:60", "2019-01-01 00:00:00+1", "2019-01-01 00:00:00+",
        "2019-01-01 00:00:00Zx", "2019-01-01 00:00:00Z ", " 2019-01-01 00:00:00Z", "2019-01-01 00:00:00 UTC",
        "2019-01-01 -1:00:00", "２０19-01-01 00:00:00", "2019-01-01 00:00:0\u{0}",
    ])
    func whatIsNoMomentIsNotTakenForOne(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test(
        arguments: [
            (1_569_455_694_440_000, "2019-09-25 23:54:54.440000+00:00", "2019-09-25T23:54:54.440000Z"),
            (1_569_455_694_000_000, "2019-09-25 23:54:54+00:00", "2019-09-25T23:54:54Z"),
            (1, "1970-01-01 00:00:00.000001+00:00", "1970-01-01T00:00:00.000001Z"),
            (-1, "1969-12-31 23:59:59.999999+00:00", "1969-12-31T23:59:59.999999Z"),
            (-62_135_596_800_000_000, "0001-01-01 00:00:00+00:00", "0001-01-01T00:00:00Z"),
            (253_402_300_799_999_999, "9999-12-31 23:59:59.999999+00:00", "9999-12-31T23:59:59.999999Z"),
            (-62_135_596_800_000_001, "0000-12-31 23:59:59.999999+00:00", "0000-12-31T23:59:59.999999Z"),
            (.max, "294247-01-10 04:00:54.775807+00:00", "294247-01-10T04:00:54.775807Z"),
        ] as [(Int64, String, String)])
    func momentsAreWrittenAsPythonWritesThemAndAsIso8601(microseconds: Int64, python: String, iso: String) {
        let timestamp = Timestamp(microseconds: microseconds)

        #expect(timestamp.pythonDescription == python)
        #expect(timestamp.iso8601Description == iso)
    }

    @Test func everyDayFromYear1To9999IsWrittenAndReadBackOneDayAfterTheOther() {
        var expected = CivilDate(year: 1, month: 1, day: 1).timestamp
        for year in 1...9999 {
            for month in 1...12 {
                for day in [1, CivilDate.daysInMonth(month, year: year)] {
                    let date = CivilDate(year: year, month: month, day: day, hour: 23, minute: 59, second: 59)
                    guard CivilDate(date.timestamp) == date else {
                        Issue.record("\(date) became \(CivilDate(date.timestamp))")
                        return
                    }
                }
                #expect(CivilDate(year: year, month: month, day: 1).timestamp == expected)
                expected = expected.adding(seconds: Int64(CivilDate.daysInMonth(month, year: year)) * 86400)
            }
        }
        #expect(expected == Timestamp(parsing: "9999-12-31T00:00:00Z")?.adding(seconds: 86400))
    }

    @Test(arguments: [(1_999_999, 1), (-1, -1), (-1_000_000, -1), (0, 0)])
    func wholeSecondsRoundTowardsThePast(microseconds: Int64, seconds: Int64) {
        let timestamp = Timestamp(microseconds: microseconds)

        #expect(timestamp.seconds == seconds)
        #expect(timestamp.truncatedToSeconds == Timestamp(seconds: seconds))
    }

    @Test func theSystemsClockIsBetweenTwoReadingsOfAnotherOne() {
        let before = Timestamp.now()
        let clock = WallClock.system.now()
        let after = Timestamp.now()

        #expect(before <= clock && clock <= after)
        #expect(before > Timestamp(parsing: "2024-01-01T00:00:00Z") ?? before)
    }
}
