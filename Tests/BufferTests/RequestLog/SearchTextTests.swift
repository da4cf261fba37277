import Buffer
import Testing

/// Which texts and bodies a search finds.
@Suite struct SearchTextTests {
    @Test(arguments: [
        ("proj-1", "see PROJ-12", true), ("PROJ", "proj", true), ("b", "abc", true), ("abc", "abc", true),
        ("abcd", "abc", false), ("aab", "aaab", true), ("aab", "aAaB", true), ("abab", "ababab", true),
        ("aabaaac", "aabaaabaaac", true), ("c", "ab", false), ("münchen", "MÜNCHEN", true),
        ("München", "in münchen", true), ("ümläut", "Acme Ümläut", true), ("éÉ", "Éé", true), ("@", "`", false),
        ("[", "{", false), (#"\u00fc"#, "ü", false), ("ü", #"\u00fc"#, false), ("日本", "in 日本語", true),
    ])
    func aTextIsFoundInAnyCase(_ text: String, _ content: String, _ isFound: Bool) throws {
        #expect(try #require(SearchText(text)).occurs(in: content) == isFound)
    }

    @Test(arguments: [
        ("München", #"{"city": "M\u00fcnchen"}"#), ("ünchen", #"{"city": "\u00dCnchen"}"#),
        ("München", #"{"city": "München"}"#), (#"say "hi""#, #"{"text": "say \"hi\""}"#),
        (#""city":"#, #"{"city":1}"#), ("😀", #"["\ud83d\ude00"]"#), ("a/b", #"["a/b"]"#),
        ("https://x", #"{"a": "https:\/\/x"}"#), ("<b>", #"["\u003cB\u003e"]"#), ("ab", #"["\u0041\u0062"]"#),
        (#"\/\/x"#, #"{"a": "https:\/\/x"}"#), (#"say \"hi"#, #"{"text": "say \"hi\""}"#),
        ("\u{FFFD}x", #"["\ud83dx"]"#),
    ])
    func aTextIsFoundInJSONHoweverItIsEscaped(_ text: String, _ body: String) throws {
        let search = try #require(SearchText(text))

        #expect(search.occurs(inBody: Array(body.utf8)))
        #expect(search.occurs(inBody: [0x20] + Array(body.utf8) + [0, 0xFF]))
        #expect(search.occurs(inBody: Array("\u{FEFF} \(body)".utf8)))
    }

    @Test(arguments: [("nbar", #"["foo\nbar"]"#), ("00fc", #"["\u00fc"]"#)])
    func whatIsPartOfAnEscapeIsNotFound(_ text: String, _ body: String) throws {
        #expect(try #require(SearchText(text)).occurs(inBody: Array(body.utf8)) == false)
    }

    @Test func whatIsNoJSONIsSearchedAsItIs() throws {
        let path = Array(#"C:\new\table \u00fc \"#.utf8)
        #expect(try #require(SearchText("NEW")).occurs(inBody: path))
        #expect(try #require(SearchText(#"c:\new\t"#)).occurs(inBody: path))
        #expect(try #require(SearchText("ü")).occurs(inBody: [0xFF] + Array("Ü".utf8)))
        #expect(try #require(SearchText("path ü")).occurs(inBody: Array(#"path \u00fc"#.utf8)) == false)
    }

    /// Time in proportion to the product of both lengths, or worse, would be minutes.
    @Test(.timeLimit(.minutes(1))) func repetitionsTakeNoLonger() throws {
        let count = 4_000_000
        for (text, byte) in [
            (String(repeating: "a", count: 199) + "b", UInt8(ascii: "a")),
            (String(repeating: "\\", count: 199) + "x", UInt8(ascii: "\\")),
        ] {
            let search = try #require(SearchText(text))
            #expect(!search.occurs(inBody: [UInt8(ascii: "\"")] + [UInt8](repeating: byte, count: count)))
        }
    }

    @Test func onlyAWholeNumberIsEqual() throws {
        let search = try #require(SearchText("50"))

        #expect(search.equals(50) && !search.equals(500))
        #expect(try #require(SearchText("5x")).equals(5) == false)
    }

    @Test func anEmptyTextIsNone() throws {
        #expect(SearchText("") == nil)
        let search = try #require(SearchText("x"))
        #expect(!search.occurs(in: nil) && !search.occurs(in: "") && !search.occurs(inBody: []))
    }
}
