import Model
import TestSupport
import Testing

@testable import Buffer

/// A date at the beginning of an element.
@Suite
struct EntryDateTests {
    /// Blocks of 16 and of 64 bytes are looked at together: wherever a name begins, it must be seen.
    @Test(arguments: [
        #""date":0"#, #""d\u0061te":0"#, #""\u0064ate":0"#, #""da\u0074e":0"#, #""dat\u0065":0"#,
        #""\u0064\u0061\u0074\u0065":0"#, #""date" : 0"#,
    ])
    func aSecondNameThatMayBeDateIsSeenAtEveryPlace(member: String) {
        for before in 0..<210 {
            for behind in [0, 1, 2, 15, 16, 17, 63, 64, 65] {
                let text = String(repeating: "x", count: before) + "," + member + String(repeating: "y", count: behind)

                #expect(Self.mayRepeatDate(text), "\(before) bytes before, \(behind) behind")
            }
        }
    }

    @Test(arguments: [
        #""duration_ms":0"#, #""Date":0"#, #""t":0"#, #""x":"date""#, #""x":"\"date""#, #""update":0"#,
        #""ate":0"#, #""x":"\u0054"#, #""x":"\\\n"#, #""x":"u006"#, #""x":"\u00e9\u2026"#, #""x":"at\""#,
    ])
    func namesThatOnlyResembleItAndValuesArePassedOver(member: String) {
        for before in 0..<210 {
            let text = String(repeating: "x", count: before) + "," + member + String(repeating: "z", count: 40)

            #expect(!Self.mayRepeatDate(text), "\(before) bytes before")
        }
    }

    /// Short texts are looked at to their last byte and not beyond it.
    @Test func nothingIsFoundAndNothingReadBehindTheEnd() {
        let name = Array(#","date":0"#.utf8)
        let bytes = Array(repeating: UInt8(ascii: "x"), count: 150) + name

        for count in 0...150 {
            let isInFirst = EntryDate.mayRepeatDate(bytes.span.extracting(first: count), after: 0)
            let isInRest = EntryDate.mayRepeatDate(bytes.span.extracting(first: 150), after: count)

            #expect(!isInFirst && !isInRest, "\(count) bytes")
        }
        // Cut before its last quote the name is none, though the quote lies right behind.
        for count in 150..<150 + #","date"#.utf8.count {
            let isInCut = EntryDate.mayRepeatDate(bytes.span.extracting(first: count), after: 0)
            #expect(!isInCut, "\(count) bytes")
        }
    }

    @Test(arguments: 0..<UInt64(60))
    func aDateThatIsTakenWithoutReadingTheElementIsWhatReadingItGives(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var dates = StoredDateReader()
        var scanner = EntryScanner()
        var taken = 0

        for _ in 0..<400 {
            let entry = Array(Self.hostile(&random).utf8)
            guard let date = EntryDate.leading(in: entry.span, &dates) else { continue }
            // An element that is not usable is left out, whatever its date.
            guard let row = scanner.row(of: entry.span, eventIndex: 0) else { continue }
            taken += 1
            #expect(row.date == Timestamp(microseconds: date), "\(String(decoding: entry, as: UTF8.self))")
        }

        #expect(taken > 50)
    }

    /// Elements that hold a second date, or what looks like one, at any place.
    private static func hostile(_ random: inout SeededGenerator) -> String {
        let pieces = [
            #""date":"2031-01-01 00:00:00.000001+00:00""#, #""d\u0061te":null"#,
            #""\u0064\u0061\u0074\u0065":1"#,
            #""dat\u0065" : 2"#, #""date" :"2031-01-01""#, #""duration_ms":1"#, #""attempt":10"#,
            #""organization_id":42"#,
            #""x":"date""#, #""x":"\"date\":1""#, #""x":"\\","date":3"#, #""x":{"date":4}"#, #""update":5"#,
            #""x":"\u007f\u00e9""#, "\"\":\"\"", #""x":[",","date"]"#, #""x":"retry later at\"""#,
        ]
        var members = [#"{"date":"2026-11-21 03:43:50.817768+00:00""#, #""response_code":200"#]
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let padding = String(repeating: "p", count: Int.random(in: 0...70, using: &random))
            members.append(#""reason":"\#(padding)""#)
            if Bool.random(using: &random) { members.append(pieces.randomElement(using: &random) ?? "") }
        }
        return members.joined(separator: Bool.random(using: &random) ? "," : ", ") + "}"
    }

    private static func mayRepeatDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return EntryDate.mayRepeatDate(bytes.span, after: 0)
    }
}
