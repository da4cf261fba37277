import Model
import TestSupport
import Testing

@testable import Delivery

/// Retry-After.
@Suite
struct RetryAfterTests {
    /// 1994-11-06 08:49:37 UTC, the moment of the RFC's examples.
    private let moment = Timestamp(seconds: 784_111_777)

    @Test(arguments: [
        ("0", 0), ("1", 1), ("120", 120), ("007", 7),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 100),
        ("Wed, 06 Nov 1994 08:49:38 GMT", 101), ("Sun, 06 Nov 1994 08:47:00 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sat, 31 Dec 1994 23:59:60 GMT", 4_806_722),
    ])
    func secondsAndDatesAreRead(value: String, seconds: Int64) {
        #expect(RetryAfter.seconds(value, now: moment.adding(seconds: -100)) == seconds)
    }

    @Test func aPartOfASecondIsRoundedUpNeverTooEarly() {
        let now = Timestamp(microseconds: moment.microseconds - 1)

        #expect(RetryAfter.seconds("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == 1)
    }

    @Test(arguments: [
        "31536001", "9223372036854775807", "9223372036854775808", String(repeating: "9", count: 256),
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ])
    func noValueAsksForLongerThanAYear(value: String) {
        #expect(RetryAfter.seconds(value, now: moment) == 31_536_000)
    }

    @Test(arguments: [
        "", " ", "-1", "+1", "1.5", "1e3", "0x10", "120 s", "1,2", " 120", "soon", "١٢٠", "\u{0}",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun,  06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "sun, 06 nov 1994 08:49:37 gmt",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Mon Nov 16 08:49:37 1994",
        "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994 GMT", "Sun Nov  16 08:49:37 1994", "Sun Nov   6 08:49:37 1994",
        "Sun Nov 6 8:49:37 1994", "1994-11-06T08:49:37Z", "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT", String(repeating: "x", count: 10_000),
        String(repeating: " ", count: 10_000), ", , , , , GMT", "::", "Sunday, -- :: GMT",
    ])
    func anythingElseCountsAsAbsent(value: String) {
        #expect(RetryAfter.seconds(value, now: moment) == nil)
    }

    @Test func anyValueIsReadWithoutTrapAndWithinTheLimits() {
        var random = SeededGenerator(seed: 20)
        let forms = ["Sun, 06 Nov 1994 08:49:37 GMT", "86400"]
        let alphabet = Array("0123456789 ,:-SunGMTNov\u{0}é".unicodeScalars)
        var readable = 0

        for _ in 0..<20_000 {
            var value = Array(forms[Int.random(in: 0..<2, using: &random)].unicodeScalars)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 0..<value.count, using: &random)
                value[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let now = Timestamp(seconds: Int64.random(in: -62_135_596_800...253_402_300_799, using: &random))
            guard let seconds = RetryAfter.seconds(value.map(String.init).joined(), now: now) else { continue }
            readable += 1
            #expect((0...31_536_000).contains(seconds))
        }

        #expect((1000..<19_000).contains(readable))
    }
}
