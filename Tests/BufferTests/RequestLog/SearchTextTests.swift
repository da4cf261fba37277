import Buffer
import Testing

/// Which texts and bodies a search finds.
@Suite struct SearchTextTests {
    @Test(arguments: [
        ("proj-1", "see PROJ-12", true), ("PROJ", "proj", true), ("b", "abc", true), ("abc", "abc", true),
        ("abcd", "abc", false), ("aab", "aaab", true), ("c", "ab", false), ("münchen", "MÜNCHEN", true),
        ("München", "in münchen", true), ("@", "`", false), ("ümläut", "Acme Ümläut", true),
        ("STRASSE", "straße", false), ("straße", "STRASSE", true),
        ("aab", "aAaB", true), ("éÉ", "Éé", true), ("[", "{", false), (#"\u00fc"#, "ü", false),
        ("ü", #"\u00fc"#, false), ("日本", "in 日本語", true),
    ])
    func aTextIsFoundInAnyCase(_ text: String, _ content: String, _ isFound: Bool) throws {
        #expect(try #require(SearchText(text)).occurs(in: content) == isFound)
    }

    @Test(arguments: [
        ("München", #"{"city": "M\u00fcnchen"}"#), ("ünchen", #"{"city": "\u00dCnchen"}"#),
        ("münchen", #"{"city":"M\u00DCNCHEN"}"#),
        ("München", #"{"city": "München"}"#), (#"say "hi""#, #"{"text": "say \"hi\""}"#),
        (#""city":"#, #"{"city":1}"#), ("😀", #"["\ud83d\ude00"]"#), ("a/b", #"["a/b"]"#),
    ])
    func aTextIsFoundInJSONHoweverItIsEscaped(_ text: String, _ body: String) throws {
        let search = try #require(SearchText(text))

        #expect(search.occurs(inBody: Array(body.utf8)))
        #expect(search.occurs(inBody: [0xFF] + Array(body.utf8) + [0]))
    }

    @Test func onlyAWholeNumberIsEqual() throws {
        let search = try #require(SearchText("50"))

        #expect(search.equals(50) && !search.equals(500))
        #expect(try #require(SearchText("5x")).equals(5) == false)
    }

    @Test func anEmptyTextIsNone() throws {
        #expect(SearchText("") == nil)
        let search = try #require(SearchText("x"))
        #expect(!search.occurs(in: nil) && !search.occurs(in: "") && !search.occurs(inBody: [UInt8]()))
    }
}
