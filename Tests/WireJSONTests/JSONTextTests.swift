import Testing
import WireJSON

/// Text becomes JSON strings as the original's encoders write them.
@Suite
struct JSONTextTests {
    @Test(arguments: [
        ("", "\"\""), ("plain /text", "\"plain /text\""), ("a\"b\\c", #""a\"b\\c""#),
        ("\u{8}\u{C}\n\r\t", #""\b\f\n\r\t""#), ("\u{0}\u{1F}\u{7F}", #""\u0000\u001f\u007f""#),
        ("\u{E9}x\u{2028}", #""\u00e9x\u2028""#), ("a\u{1F600}z", #""a\ud83d\ude00z""#),
        ("\u{FFFF}\u{10000}\u{10FFFF}", #""\uffff\ud800\udc00\udbff\udfff""#),
    ])
    func withAsciiEscapingEverythingBeyondPrintableAsciiIsEscaped(text: String, expected: String) {
        var output: [UInt8] = []

        JSONText.append(text, escaping: .ascii, to: &output)

        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        ("\u{E9}\u{1F600}\u{7F}", "\"\u{E9}\u{1F600}\u{7F}\""),
        ("\u{2027}\u{2028}\u{2029}\u{202A}", "\"\u{2027}\\u2028\\u2029\u{202A}\""),
        ("a\"\n\u{1}", #""a\"\n\u0001""#), ("<&>'", "\"<&>'\""),
    ])
    func withoutItOnlyQuotesControlsAndTheTwoLineSeparatorsAre(text: String, expected: String) {
        var output: [UInt8] = []

        JSONText.append(text, escaping: .unicode, to: &output)

        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    @Test func textIsAppendedToWhatIsThere() {
        var output = Array("x".utf8)

        JSONText.append("y", escaping: .ascii, to: &output)

        #expect(output == Array("x\"y\"".utf8))
    }
}
