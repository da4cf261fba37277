import Model
import Testing
import WireJSON

@testable import Admin

@Suite struct SupportTests {
    @Test("A table's columns are as wide as their longest cell, without spaces at the end")
    func table() {
        var table = TextTable(header: ["A", "LONG", "C"])
        table.append(["1234", "x", ""])
        table.append(["é", "y", "z"])

        #expect(table.text == "A     LONG  C\n1234  x\né     y     z\n")
    }

    @Test("Control characters in a table cannot steer the terminal")
    func controlCharacters() {
        var table = TextTable(header: ["A"])
        table.append(["a\u{1B}[31mb\nc\u{9B}d\u{7F}"])

        #expect(table.text == "A\na?[31mb?c?d?\n")
    }

    @Test(
        "An end is a time or a number of days or hours",
        arguments: [
            ("90d", 90 * 86400), ("1h", 3600), ("2001-09-09T01:46:40Z", 1_000_000_000 - 1_000_000), ("0d", nil),
            ("-1d", nil), ("90", nil), ("d", nil), ("", nil), ("1w", nil), ("100001d", nil),
            ("9999999999999999999d", nil), ("tomorrow", nil),
        ] as [(String, Int64?)])
    func end(text: String, seconds: Int64?) {
        let now = Timestamp(seconds: 1_000_000)

        #expect(EndArgument.timestamp(text, from: now) == seconds.map { now.adding(seconds: $0) })
    }

    @Test("An option wins over the variable; an empty variable is none")
    func setting() {
        let environment = ["X": "variable", "EMPTY": ""]

        #expect(Setting(option: "o", variable: "X", optionName: "--x", environment: environment).text == "o")
        #expect(Setting(option: nil, variable: "X", optionName: "--x", environment: environment).text == "variable")
        #expect(Setting(option: nil, variable: "X", optionName: "--x", environment: environment).source == "X")
        #expect(Setting(option: nil, variable: "EMPTY", optionName: "--x", environment: environment).text == nil)
    }

    @Test("JSON for people has a member a line and short arrays on one")
    func prettyText() throws {
        let value = try JSONValue(
            parsing: #"{"a":[1,"b",null],"c":[],"d":{},"e":[{"f":true}],"g":"\u2028\n/é"}"#)

        #expect(
            value.prettyText == """
                {
                  "a": [1, "b", null],
                  "c": [],
                  "d": {},
                  "e": [
                    {
                      "f": true
                    }
                  ],
                  "g": "\\u2028\\n/é"
                }

                """)
        #expect(value.compactText == #"{"a":[1,"b",null],"c":[],"d":{},"e":[{"f":true}],"g":"\u2028\n/é"}"#)
    }

    @Test("A new token is 64 hexadecimal digits and never the same")
    func randomToken() {
        let tokens = (0..<50).map { _ in TokenCreate.randomToken() }

        #expect(Set(tokens).count == 50)
        #expect(tokens.allSatisfy { $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) })
    }
}
