import Testing
import WireJSON

/// The JSON parser for small texts: what it takes, what it refuses and in which words, and its limits.
@Suite struct JSONValueTests {
    @Test(arguments: [
        ("null", JSONValue.null), ("true", .bool(true)), (" false\n", .bool(false)), ("0", .number("0")),
        ("-0", .number("-0")), ("1.50", .number("1.50")), ("-1e+5", .number("-1e+5")), ("1E5", .number("1E5")),
        (#""""#, .string("")), ("[]", .array([])), ("{}", .object([])),
        ("[1,[ ]]", .array([.number("1"), .array([])])),
        (
            #"{"b":1,"a":{"b":2},"b":3}"#,
            .object([
                .init(name: "b", value: .number("1")),
                .init(name: "a", value: .object([.init(name: "b", value: .number("2"))])),
                .init(name: "b", value: .number("3")),
            ])
        ),
        (#""\"\\\/\b\f\n\r\tA""#, .string("\"\\/\u{8}\u{C}\n\r\tA")), (#""\u00e9\ud83d\ude00é😀""#, .string("é😀é😀")),
        (#""\ud800""#, .string("\u{FFFD}")), (#""\ude00x""#, .string("\u{FFFD}x")),
        (#""\ud800\u0041""#, .string("\u{FFFD}A")), (#""\ud800\n""#, .string("\u{FFFD}\n")),
        ("\"\u{7F}\"", .string("\u{7F}")),
        ("\u{FEFF}1", .number("1")),
    ])
    func validTextsAreRead(_ text: String, _ expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == expected)
    }

    @Test(arguments: [
        ("", "Expecting value: line 1 column 1 (char 0)"), ("x", "Expecting value: line 1 column 1 (char 0)"),
        ("{bad", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (#"{"a":1,}"#, "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"),
        (#"{"a" 1}"#, "Expecting ':' delimiter: line 1 column 6 (char 5)"),
        (#"{"a":}"#, "Expecting value: line 1 column 6 (char 5)"),
        (#"{"a":1 "b":2}"#, "Expecting ',' delimiter: line 1 column 8 (char 7)"),
        ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
        ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
        ("[", "Expecting value: line 1 column 2 (char 1)"), ("1 1", "Extra data: line 1 column 3 (char 2)"),
        ("01", "Extra data: line 1 column 2 (char 1)"), ("1.", "Extra data: line 1 column 2 (char 1)"),
        ("1e", "Extra data: line 1 column 2 (char 1)"), ("-", "Expecting value: line 1 column 1 (char 0)"),
        ("nul", "Expecting value: line 1 column 1 (char 0)"), ("NaN", "Expecting value: line 1 column 1 (char 0)"),
        ("\n\n \"é", "Unterminated string starting at: line 3 column 2 (char 3)"),
        ("\"é\n\"", "Invalid control character at: line 1 column 3 (char 2)"),
        (#""\x""#, "Invalid \\escape: line 1 column 2 (char 1)"),
        (#""\u12""#, "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
        ("\"\\", "Unterminated string starting at: line 1 column 1 (char 0)"),
        ("'a'", "Expecting value: line 1 column 1 (char 0)"), ("[1]//", "Extra data: line 1 column 4 (char 3)"),
    ])
    func invalidTextsAreNamedWithTheirPlace(_ text: String, _ message: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }

        #expect(error?.description == message)
    }

    @Test(
        arguments: [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
    func stringsThatAreNotUTF8AreRefused(_ bytes: [UInt8]) {
        let error = #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: Array("[1,\"a".utf8) + bytes + Array("\"]".utf8))
        }

        #expect(error?.reason == .invalidEncoding)
        #expect(error?.offset == 3)
    }

    @Test(arguments: ["[", #"{"a":"#])
    func depthHasALimit(_ opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        let nested = { (depth: Int) in
            String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
        }
        let limits = JSONValue.Limits(maximumDepth: 5)

        #expect(throws: Never.self) { try JSONValue(parsing: nested(5), limits: limits) }
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(6), limits: limits) }
        #expect(error?.reason == .tooDeep(maximum: 5))
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64)) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(65)) }
    }

    @Test func manySiblingsAreNotDeep() throws {
        let text = "[" + Array(repeating: "[]", count: 1000).joined(separator: ",") + "]"

        #expect(throws: Never.self) { try JSONValue(parsing: text, limits: .init(maximumDepth: 2)) }
    }

    @Test func sizeHasALimit() {
        let limits = JSONValue.Limits(maximumByteCount: 4)

        #expect(throws: Never.self) { try JSONValue(parsing: "1234", limits: limits) }
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: "12345", limits: limits) }
        #expect(error?.reason == .tooLong(byteCount: 5, maximum: 4))
    }

    @Test func hostileNestingIsRefusedWithoutHarm() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: String(repeating: "[", count: 1 << 20)) }
        #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: String(repeating: #"{"a":"#, count: 200_000))
        }
    }

    @Test func numbersOfAnyLengthKeepTheirText() throws {
        let digits = String(repeating: "9", count: 100_000)

        #expect(try JSONValue(parsing: digits) == .number(digits))
        #expect(try JSONValue(parsing: digits).integer == nil)
        #expect(try JSONValue(parsing: "1e999999") == .number("1e999999"))
    }

    @Test func accessorsAreNilForOtherTypes() throws {
        let value = try JSONValue(parsing: #"{"text":"a","number":-5,"float":1.5,"number":6}"#)

        #expect(value["text"]?.string == "a")
        #expect(value["number"]?.integer == 6)
        #expect(value["float"]?.integer == nil)
        #expect(value["text"]?.integer == nil)
        #expect(value["number"]?.string == nil)
        #expect(value["none"] == nil)
        #expect(JSONValue.array([])["text"] == nil)
    }

    @Test func eachPrefixOfAValidTextIsAnErrorAtItsEnd() throws {
        let text = Array(#"{"a":[1,-2.5e+3,"\u00e9\ud83d\ude00",true,null],"b":{"c":"é"}}"#.utf8)

        #expect(throws: Never.self) { try JSONValue(parsing: text) }
        for count in 0..<text.count {
            #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(text.prefix(count))) }
        }
    }
}
