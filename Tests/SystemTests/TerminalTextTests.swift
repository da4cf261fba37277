import System
import Testing

@Suite struct TerminalTextTests {
    @Test(
        arguments: [
            ("plain, é, 漢字, 👩‍👩‍👧", "plain, é, 漢字, 👩‍👩‍👧"), ("\u{1B}[31m", "\\u001b[31m"), ("\u{9B}31m", "\\u009b31m"),
            ("\u{7F}", "\\u007f"), ("a\u{202E}b", "a\\u202eb"), ("\u{2066}\u{2069}", "\\u2066\\u2069"),
            ("\u{2028}\u{2029}", "\\u2028\\u2029"), ("\u{FEFF}", "\\ufeff"), ("\u{E0041}", "\\udb40\\udc41"),
            ("a\nb\tc\r\0", "a\\u000ab\\u0009c\\u000d\\u0000"),
        ] as [(String, String)])
    func whatControlsATerminalOrTheOrderOfTextIsEscaped(text: String, escaped: String) {
        #expect(TerminalText.escaped(text) == escaped)
    }

    @Test func linesAndTabsOfAWholeTextAreKeptAndCarriageReturnsAreNot() {
        #expect(TerminalText.escaped("a\n\tb\r\n", keepsLines: true) == "a\n\tb\\u000d\n")
    }
}
