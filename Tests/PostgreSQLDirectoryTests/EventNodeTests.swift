import TestSupport
import Testing

@testable import PostgreSQLDirectory

@Suite struct EventNodeTests {
    private static let first = String(repeating: "a", count: 32)
    private static let second = String(repeating: "b", count: 32)

    private static func node(_ json: String) throws -> String { try PostgreSQLGolden.node(json) }

    @Test func theHashesOfAnEventAreReadInTheirOrder() throws {
        let text = try Self.node(#"{"a":{"hashes":["x"]},"hashes":["\#(Self.second)","\#(Self.first)"],"z":[NaN]}"#)

        #expect(EventNode.hashes(of: text) == [Self.second, Self.first])
    }

    @Test func copiesOnFurtherLinesAreNotRead() throws {
        let text = try Self.node("{\"hashes\":[\"\(Self.first)\"]}\nunprocessed\n{\"hashes\":[]}")

        #expect(EventNode.hashes(of: text) == [Self.first])
    }

    @Test(arguments: [#"{}"#, #"{"hashes":null}"#, #"{"hashes":"x"}"#, #"{"hashes":[1,null,"short"]}"#])
    func anEventWithoutHashesHasNone(json: String) throws {
        #expect(EventNode.hashes(of: try Self.node(json)) == [])
    }

    @Test(arguments: ["", "[]", "{", "\u{80}\u{4}pickle", "null"])
    func whatIsNoObjectIsNoEvent(json: String) throws {
        #expect(EventNode.hashes(of: try Self.node(json)) == nil)
    }

    @Test(arguments: ["", "!", "e", "eJw=", "AAAA", "{\"hashes\":[]}"])
    func whatIsNotPackedIsNoEvent(text: String) {
        #expect(EventNode.hashes(of: text) == nil)
    }

    @Test func aTextThatEndsTooEarlyIsNoEvent() throws {
        let text = try Self.node(#"{"hashes":["\#(Self.first)"]}"#)

        // The last four characters may be padding alone.
        for count in 0..<(text.count - 4) { #expect(EventNode.hashes(of: String(text.prefix(count))) == nil) }
    }

    @Test func anEventIsUnpackedUpToALimit() throws {
        let limit = EventNode.maximumByteCount
        let head = #"{"hashes":["\#(Self.first)"],"x":""#

        let largest = try Self.node(head + String(repeating: " ", count: limit - head.utf8.count - 2) + "\"}")
        let tooLarge = try Self.node(head + String(repeating: " ", count: limit - head.utf8.count - 1) + "\"}")

        #expect(EventNode.hashes(of: largest) == [Self.first])
        #expect(EventNode.hashes(of: tooLarge) == nil)
    }

    @Test(
        arguments: [
            ("", []), ("TQ==", [77]), ("TQ", [77]), ("TWE=", [77, 97]), ("TWFu", [77, 97, 110]), ("-_8=", [251, 255]),
            ("+/8=", [251, 255]), ("TWFu\r\nTQ==", [77, 97, 110, 77]), ("T", nil), ("TQ=A", nil), ("T Q", nil),
        ] as [(String, [UInt8]?)])
    func base64IsDecoded(text: String, bytes: [UInt8]?) {
        #expect(Base64.decoded(text.utf8) == bytes)
    }
}
