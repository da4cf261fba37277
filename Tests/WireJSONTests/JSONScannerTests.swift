import Testing
import WireJSON

/// The JSON scanner.
@Suite
struct JSONScannerTests {
    static let valid = [
        "{}", "[]", " \t\r\n{ } \n", "0", "-0", "12", "-1.5e+10", "1E5", "0.0", "true", "false", "null", #""""#,
        #""a\"\\\/\b\f\n\r\t\u00e9""#, #""\ud83d""#, #""\uDEAD\ud83d""#, "\"\u{E9}\u{20AC}\u{1F600}\u{7F}\"",
        #"{"a":[1,{"b":null}],"c":{}}"#, "[1 , 2\n]", #"{"":0}"#, "[[[]]]", #"[true,false,null,-1]"#,
    ]
    static let invalid = [
        "", " ", "{", "}", "[", "]", "{]", "[}", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "tru", "truee", "nul",
        "True", "NaN", "Infinity", "-Infinity", #"""#, #""\x""#, #""\u12g4""#, #""\u123""#, "\"\n\"", "\"\u{0}\"",
        "[1,]", "[,1]", "[1 2]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}", "{1:1}", #"{"a" 1}"#, "{} {}",
        "1 1", "'a'", "\u{FEFF}{}", #"["a":1]"#, #"{"a":1"b":2}"#, "--1", "1.e5", "-a",
    ]

    @Test(arguments: valid)
    func textsOfRFC8259AreAcceptedInOnePieceAndByteByByte(text: String) {
        #expect(accepts(Array(text.utf8)))
        #expect(acceptsByteByByte(Array(text.utf8)))
    }

    @Test(arguments: invalid)
    func anythingElseIsRefusedInOnePieceAndByteByByte(text: String) {
        #expect(!accepts(Array(text.utf8)))
        #expect(!acceptsByteByByte(Array(text.utf8)))
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC3, 0x28], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x82],
        ] as [[UInt8]])
    func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
        let text = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]

        #expect(!accepts(text))
        #expect(!acceptsByteByByte(text))
    }

    @Test(arguments: ["NaN", "Infinity", "-Infinity", "[NaN]"])
    func numbersThatAreNoneOfJSONsAreAcceptedIfAskedFor(text: String) {
        #expect(accepts(Array(text.utf8), JSONScanner.Options(acceptsNonFinite: true)))
        #expect(!accepts(Array(text.utf8)))
        #expect(!accepts(Array(text.dropLast().utf8), JSONScanner.Options(acceptsNonFinite: true)))
    }

    @Test(arguments: [1, 2, 63, 64])
    func nestingIsLimited(depth: Int) {
        let options = JSONScanner.Options(maximumDepth: depth)
        func nested(_ count: Int) -> [UInt8] {
            Array((String(repeating: "[", count: count) + String(repeating: "]", count: count)).utf8)
        }

        #expect(accepts(nested(depth), options))
        #expect(!accepts(nested(depth + 1), options))
    }

    @Test func specialCharactersAreSeenAtEveryDistanceFromTheBeginningOfAString() {
        for count in 0..<70 {
            for special in [#"\""#, "\u{E9}", #"\u0041"#] {
                let text =
                    "\"" + String(repeating: "x", count: count) + special + String(repeating: "y", count: 20) + "\""
                #expect(accepts(Array(text.utf8)))
            }
            let control =
                "\"" + String(repeating: "x", count: count) + "\u{1F}" + String(repeating: "y", count: 20) + "\""
            #expect(!accepts(Array(control.utf8)))
        }
    }

    @Test func wantedMembersOfTheOutermostObjectAreFoundTheLastOfRepeatedOnes() {
        let names = JSONMemberNames(["date", "sixteen_letters_", "absent"])
        let text =
            #" {"date":1,"x":{"date":2},"sixteen_letters_" : [ 1 ] ,"sixteen_letters_x":3,"d\u0061te": "4" , "date\u0000":5}"#
        var scanner = JSONScanner(names: names)

        scanner.consume(Array(text.utf8).span)

        let isComplete = scanner.finish()
        #expect(isComplete && scanner.isObject)
        let found = scanner.fragments.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
        #expect(found == [#""4""#, "[ 1 ]", ""])
    }

    @Test func aScannerIsUsedAgain() {
        var scanner = JSONScanner(names: JSONMemberNames(["a"]))
        scanner.consume(Array(#"{"a":[1"#.utf8).span)
        scanner.reset()

        scanner.consume(Array("12".utf8).span)

        let isComplete = scanner.finish()
        #expect(isComplete)
        #expect(!scanner.isObject && scanner.fragments == [0..<0])
    }

    private func accepts(_ bytes: [UInt8], _ options: JSONScanner.Options = .init()) -> Bool {
        var scanner = JSONScanner(options: options)
        scanner.consume(bytes.span)
        return scanner.finish()
    }

    private func acceptsByteByByte(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner()
        for byte in bytes { scanner.consume([byte].span) }
        return scanner.finish()
    }
}
