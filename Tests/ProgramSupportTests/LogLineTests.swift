import Model
import ProgramSupport
import Testing

/// A log line.
@Suite
struct LogLineTests {
    private let time = Timestamp(microseconds: 1_700_000_000_123_456)

    private func text(_ line: LogLine) -> String {
        String(decoding: line.bytes, as: UTF8.self)
    }

    @Test func isOneJSONObjectWithItsKeysInAFixedOrder() {
        let line = LogLine(
            .warning, "something", [("a", .text("x")), ("b", .number(-1)), ("c", .none)], time: time)

        #expect(
            text(line)
                == #"{"time":"2023-11-14T22:13:20.123456Z","level":"warning","message":"something","a":"x","b":-1,"c":null}"#
                + "\n")
    }

    @Test func escapesWhateverCouldEndTheLineOrPlayWithATerminal() {
        let line = text(LogLine(.info, "m", [("a", .text("1\n2\r3\u{1B}[0m\u{85}\u{2028}\u{202E}\"\\é"))], time: time))

        #expect(line.hasSuffix(#""a":"1\n2\r3\u001b[0m\u0085\u2028\u202e\"\\\u00e9"}"# + "\n"))
        #expect(line.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0A })
    }

    @Test func writesEveryCharacterOfAsciiAsJSONHasIt() {
        for code in UInt8(0)...0x7F {
            let plain = "a\(UnicodeScalar(code))b"

            let line = text(LogLine(.info, "m", [(plain, .text(plain))], time: time))

            let quoted = "\"a\(escaped(code))b\""
            #expect(line.hasSuffix(",\(quoted):\(quoted)}\n"), "\(code)")
        }
    }

    private func escaped(_ code: UInt8) -> String {
        switch code {
        case 0x08: #"\b"#
        case 0x09: #"\t"#
        case 0x0A: #"\n"#
        case 0x0C: #"\f"#
        case 0x0D: #"\r"#
        case 0x22: #"\""#
        case 0x5C: #"\\"#
        case ..<0x20, 0x7F: #"\u00"# + (code < 16 ? "0" : "") + String(code, radix: 16)
        default: String(UnicodeScalar(code))
        }
    }

    @Test func cutsALongTextBehind1024Bytes() {
        let exact = text(LogLine(.info, "m", [("a", .text(String(repeating: "x", count: 1024)))]))
        let longer = text(LogLine(.info, "m", [("a", .text(String(repeating: "x", count: 1025)))]))

        #expect(exact.contains(String(repeating: "x", count: 1024) + "\""))
        #expect(longer.contains(String(repeating: "x", count: 1024) + "\\u2026\""))
    }

    @Test func hasAtMost32FieldsAndLongNamesAreCutAsLongValuesAre() {
        let fields = (0..<40).map { (key: "k\($0)", value: LogLine.Value.boolean(true)) }
        let many = text(LogLine(.debug, "m", fields))
        let long = text(LogLine(.debug, "m", [(String(repeating: "x", count: 2000), .none)]))

        #expect(many.contains(#""k31":true}"#))
        #expect(!many.contains("k32"))
        #expect(long.utf8.count < 1300)
    }
}
