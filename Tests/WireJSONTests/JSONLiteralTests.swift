import Testing
import WireJSON

struct JSONLiteralTests {
    private static let names = JSONMemberNames(["data", "actor"])

    private func literal(_ json: String) -> String? {
        JSONLiteral.members(JSONLiteralTests.names, of: Array(#"{"data": \#(json) }"#.utf8))[0].map {
            String(decoding: $0.bytes, as: UTF8.self)
        }
    }

    /// Members, order, repetition, the spelling of numbers and escapes stay; `\u{7F}` is no printable character.
    @Test(arguments: [
        (#"{"b":1,"a":2,"b":3}"#, #"{"b":1,"a":2,"b":3}"#),
        (#"[1.50, 1e5 ,1E+05,-0,0.10]"#, "[1.50,1e5,1E+05,-0,0.10]"),
        (#""\ud800""#, #""\ud800""#), (#"{"\uDFFF":1,"\uDFFE":2}"#, #"{"\uDFFF":1,"\uDFFE":2}"#),
        (#""\u0041\/\u00E9\ud83d\udc0c""#, #""\u0041\/\u00E9\ud83d\udc0c""#),
        ("\"é€🐌\u{7F}\"", #""\u00e9\u20ac\ud83d\udc0c\u007f""#), (#"{"é" : "a b\t\n"}"#, #"{"\u00e9":"a b\t\n"}"#),
        (#"{"\u00e9":1,"e\u0301":2}"#, #"{"\u00e9":1,"e\u0301":2}"#), (#""\\" "#, #""\\""#),
        (#""\" : \\\"""#, #""\" : \\\"""#),
        ("\n[ true ,\t{ } , \"\" ]\r", #"[true,{},""]"#), ("12345678901234567890", "12345678901234567890"),
    ])
    func aValueStaysAsItIsWritten(_ json: String, _ compact: String) {
        #expect(literal(json) == compact)
    }

    @Test func theLastOfRepeatedMembersCounts() {
        let members = JSONLiteral.members(
            JSONLiteralTests.names, of: Array(#"{"data":1,"x":{"data":2},"d\u0061ta":3}"#.utf8))

        #expect(members.map { $0.map { String(decoding: $0.bytes, as: UTF8.self) } } == ["3", nil])
    }

    @Test func aByteOrderMarkIsSkipped() {
        let members = JSONLiteral.members(
            JSONLiteralTests.names, of: [0xEF, 0xBB, 0xBF] + Array(#"{"actor":[1]}"#.utf8))

        #expect(members[0] == nil)
        #expect(members[1]?.value == .array([.number("1")]))
    }

    @Test(arguments: ["", "[]", "{", #"{"data":1"#, #"{"data":\u{7F}}"#])
    func nothingIsAMemberOfAnythingElse(_ text: String) {
        #expect(JSONLiteral.members(JSONLiteralTests.names, of: Array(text.utf8)) == [nil, nil])
    }

    @Test func aTreeIsWrittenCompactAndInASCII() {
        let value = JSONValue.object([.init(name: "é", value: .array([.string("ü"), .number("1")]))])

        #expect(String(decoding: JSONLiteral(value).bytes, as: UTF8.self) == #"{"\u00e9":["\u00fc",1]}"#)
        #expect(JSONLiteral(value).value == value)
    }
}
