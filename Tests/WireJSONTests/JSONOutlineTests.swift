import Testing
import WireJSON

/// Parsing where only a part is kept.
@Suite struct JSONOutlineTests {
    private static let outline = JSONOutline(["a", "b"], objects: ["c": JSONOutline(["d"])])

    private static func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), outline: outline)
    }

    @Test func namedMembersAreKept() throws {
        let value = try Self.parse(#"{"a":1,"c":{"d":"e","f":[2]},"b":null}"#)

        #expect(value["a"] == .number("1"))
        #expect(value["b"] == .null)
        #expect(value["c"]?["d"] == .string("e"))
        #expect(value["c"]?["f"] == .null, "its name is kept")
    }

    @Test func ofARepeatedMemberTheLastOneIsKept() throws {
        #expect(try Self.parse(#"{"a":1,"a":2}"#) == .object([.init(name: "a", value: .number("2"))]))
    }

    @Test func ofWhatIsNestedOnlyTheKindIsKept() throws {
        let value = try Self.parse(#"{"a":{"x":{"y":1}},"b":[1,[2],{"z":3}]}"#)

        #expect(value["a"] == .object([]))
        #expect(value["b"] == .array([]))
    }

    @Test func whatIsKeptDoesNotGrowWithTheText() throws {
        let many = (0..<10_000).map { "\"u\($0)\":0" }.joined(separator: ",")
        let repeated = String(repeating: #","a":1"#, count: 10_000)
        let value = try Self.parse(
            "{\(many)\(repeated),\"c\":{\(many)},\"b\":[\(many.map { _ in "0" }.joined(separator: ","))]}")

        guard case .object(let members) = value, case .object(let inner) = value["c"] else {
            Issue.record("no objects")
            return
        }
        #expect(members.count == 16 + 3)
        #expect(inner.count == 16)
        #expect(value["b"] == .array([]))
    }

    @Test(arguments: [
        "[", "{\"x\":[1,]}", "{\"x\":{\"y\"}}", "{\"x\":\"\\q\"}", "{\"x\":\"\u{1}\"}", "{\"x\":01}", "{\"x\":nul}",
        "{\"x\":" + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}",
    ])
    func whatIsNotKeptIsCheckedAllTheSame(_ text: String) {
        var expected: JSONSyntaxError?
        do throws(JSONSyntaxError) { _ = try JSONValue(parsing: text) } catch { expected = error }
        var error: JSONSyntaxError?
        do throws(JSONSyntaxError) { _ = try Self.parse(text) } catch let failure { error = failure }

        #expect(error != nil)
        #expect(error == expected)
    }
}
