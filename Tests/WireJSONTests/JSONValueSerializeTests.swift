import Testing
import WireJSON

struct JSONValueSerializeTests {
    @Test(arguments: [
        (" { \"b\" : [ 1 , -0.0 , 1e+100 ] , \"a\" : { } }\n", #"{"b":[1,-0.0,1e+100],"a":{}}"#),
        (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
        // The same character to Swift, two names to JSON.
        (#"{"\u00e9":1,"e\u0301":2}"#, #"{"\u00e9":1,"e\u0301":2}"#),
        (#"["é/\u00e9",null,true,false]"#, #"["\u00e9/\u00e9",null,true,false]"#),
        (#""\u007f\u0001\n""#, #""\u007f\u0001\n""#), ("[]", "[]"),
    ])
    func aValueIsWrittenCompactly(_ text: String, _ expected: String) throws {
        let value = try JSONValue(parsing: text)

        #expect(String(decoding: value.serialized(escaping: .ascii), as: UTF8.self) == expected)
    }

    @Test func prettyJSONHasOneMemberPerLineAndPlainArraysOnOneLine() throws {
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
}
