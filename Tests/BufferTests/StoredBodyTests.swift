import Testing

@testable import Buffer

/// Bodies as they are stored.
@Suite
struct StoredBodyTests {
    @Test(arguments: [
        (#"{"a": 1}"#, #""{\"a\": 1}""#), ("Bad Request", "Bad Request"), ("", ""), ("NaN", #""NaN""#),
        ("-Infinity", #""-Infinity""#), ("\u{FEFF}[1]", #""\ufeff[1]""#), (" \u{FEFF} 1\n", #"" \ufeff 1\n""#),
        ("\"\u{E9}\u{1F600}\"", #""\"\u00e9\ud83d\ude00\"""#), ("\u{E9}", "\u{E9}"), ("{\"a\":1}x", "{\"a\":1}x"),
        ("\u{FEFF}", "\u{FEFF}"),
    ])
    func aBodyThatIsJSONBecomesAJSONStringAnyOtherStaysAsItIs(body: String, expected: String) {
        #expect(StoredBody.response(Array(body.utf8)) == expected)
    }

    @Test func theFirst1024CharactersOfTheEncodedTextAreKeptSoThatALongOneHasNoClosingQuote() {
        let fitting = StoredBody.response(Array(("\"" + String(repeating: "x", count: 1018) + "\"").utf8))
        let longer = StoredBody.response(Array(("\"" + String(repeating: "x", count: 1019) + "\"").utf8))

        #expect(fitting.utf8.count == 1024 && fitting.hasSuffix(#"x\"""#))
        #expect(longer.utf8.count == 1024 && longer.hasSuffix(#"x\""#))
        #expect(StoredBody.request(String(repeating: "\u{1F600}", count: 5000)).utf8.count == 1024)
    }

    @Test func theFirst1024BytesOfAnyOtherBodyAreKept() {
        #expect(StoredBody.response(Array(repeating: UInt8(ascii: "x"), count: 1024)).utf8.count == 1024)
        #expect(StoredBody.response(Array(repeating: UInt8(ascii: "x"), count: 1025)).utf8.count == 1024)
    }

    @Test func whatIsNotUTF8BecomesReplacementCharacters() {
        let cut = Array((String(repeating: "x", count: 1023) + "\u{E9}").utf8)

        #expect(StoredBody.response([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
        #expect(StoredBody.response(cut) == String(repeating: "x", count: 1023) + "\u{FFFD}")
        #expect(StoredBody.response([0x22, 0xFF, 0x22]) == "\"\u{FFFD}\"")
    }
}
