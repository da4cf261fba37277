import Model
import Testing

@testable import PostgreSQL

/// The text forms of values, and messages.
struct TextFormTests {
    @Test(
        arguments: [
            ("{}", []), ("{a}", ["a"]), ("{a,b}", ["a", "b"]), (#"{"a,b","c}"}"#, ["a,b", "c}"]), (#"{""}"#, [""]),
            (#"{"a\"b","c\\d"}"#, [#"a"b"#, #"c\d"#]), ("{NULL,a}", [nil, "a"]), (#"{"NULL"}"#, ["NULL"]),
            ("{null}", ["null"]), ("{ü,issue.created}", ["ü", "issue.created"]), (#"{" a "}"#, [" a "]),
        ] as [(String, [String?])])
    func arraysAreRead(text: String, expected: [String?]) {
        #expect(TextArray.elements(of: text) == expected)
    }

    @Test(arguments: [
        "", "{", "}", "a", "{a", "{a,", "{a,}", "{,a}", "{a}b", "{}x", "{{a}}", "[2:3]={a,b}", #"{"a}"#, #"{"a"b}"#,
        #"{a"b}"#, #"{"a\"#, #"{a\b}"#, "{{}}",
    ])
    func whatIsNoArrayOfOneDimensionIsRefused(text: String) {
        #expect(TextArray.elements(of: text) == nil)
    }

    @Test func anArrayThatIsWrittenIsReadAgain() {
        let elements = ["", "a", "NULL", #"b"c"#, #"\"#, "\\\u{301}", "{,}", " d ", "e\nf"]

        #expect(TextArray.elements(of: TextArray.literal(elements)) == elements)
        #expect(TextArray.literal([]) == "{}")
    }

    @Test(
        arguments: [
            ("0", 0), ("1700000000.123456", 1_700_000_000_123_456), ("1700000000", 1_700_000_000_000_000),
            ("-1.500000", -1_500_000), ("0.000001", 1), ("1.0000005", 1_000_001), ("1.00000049", 1_000_000),
            ("2023-11-14 22:13:20.123456+00", 1_700_000_000_123_456),
            ("2023-11-15 03:43:20+05:30", 1_700_000_000_000_000),
            ("-62135596800.000000", Timestamp.calendarRange.lowerBound.microseconds),
            ("infinity", Timestamp.calendarRange.upperBound.microseconds),
            ("-Infinity", Timestamp.calendarRange.lowerBound.microseconds),
            ("999999999999", Timestamp.calendarRange.upperBound.microseconds),
            ("9999999999999999999999", Timestamp.calendarRange.upperBound.microseconds),
        ] as [(String, Int64)])
    func timesAreRead(text: String, microseconds: Int64) {
        #expect(TimestampText.timestamp(of: text)?.microseconds == microseconds)
    }

    @Test(arguments: ["", "-", ".5", "1.", "1e5", "NaN", "14.11.2023 22:13:20 UTC", "2023-11-14", "1 ", "+1"])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(TimestampText.timestamp(of: text) == nil)
    }

    @Test(
        arguments: [
            ("could not look up", nil, "could not look up"),
            (
                "connection to server at \"::1\", port 1 failed: Connection refused\n\tIs the server running?\n", nil,
                "Connection refused"
            ),
            (
                "connection to server on socket \"/s\" failed: FATAL:  53300: sorry, too many clients already\n"
                    + "LOCATION:  InitProcess, proc.c:357\n", "53300", "sorry, too many clients already"
            ),
            (
                "a failed: SCHWERWIEGEND:  28P01: Passwort-Authentifizierung fehlgeschlagen\n"
                    + "ORT:  auth_failed, auth.c:329",
                "28P01", "Passwort-Authentifizierung fehlgeschlagen"
            ),
            (
                "a failed: FATAL:  28000: no pg_hba.conf entry, SSL encryption\nLOCATION:  x, auth.c:1\n"
                    + "a failed: FATAL:  3D000: database \"d\" does not exist\nLOCATION:  y, postinit.c:2\n", "3D000",
                "no pg_hba.conf entry, SSL encryption; database \"d\" does not exist"
            ),
            ("a:  b: c", nil, "a:  b: c"), ("FATAL:  2800: x", nil, "FATAL:  2800: x"),
        ] as [(String, String?, String)])
    func messagesOfFailedConnectionsAreRead(raw: String, sqlstate: String?, text: String) {
        let message = ConnectMessage(raw)

        #expect(message.sqlstate == sqlstate)
        #expect(message.text == text)
    }

    @Test func serverMessagesAreBoundedAndHaveNoControlCharacters() {
        let message = PostgreSQLServerMessage(
            sqlstate: "XX000", text: "a\u{1B}[2J\nb\u{202E}" + String(repeating: "ü", count: 1000), table: "t\u{7}")

        #expect(message.text.hasPrefix(#"a\u001b[2J b\u202e"#))
        #expect(message.text.hasSuffix("ü…"))
        #expect((490...PostgreSQLServerMessage.maximumBytes).contains(message.text.utf8.count))
        #expect(message.table == #"t\u0007"#)
        let longest = String(repeating: "x", count: PostgreSQLServerMessage.maximumBytes)
        #expect(PostgreSQLServerMessage(sqlstate: "XX000", text: longest).text == longest)
    }
}
