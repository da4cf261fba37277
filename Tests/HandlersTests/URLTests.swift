import Testing

@testable import Handlers

/// Queries and forms, decoded as Django decodes them.
@Suite struct QueryParametersTests {
    private func parameters(_ text: String) throws -> QueryParameters {
        try QueryParameters(decoding: text.utf8)
    }

    @Test(arguments: [
        ("a=b", "b"), ("a=b&a=c", "c"), ("a=b&a=", ""), ("a", ""), ("a=", ""), ("a=b=c", "b=c"), ("&&a=b&&", "b"),
        ("a=b+c%20d%2B", "b c d+"), ("%61=b", "b"), ("a=%zz%4", "%zz%4"), ("a=%", "%"), ("a=b;c=d", "b;c=d"),
        ("a=%ff", "\u{FFFD}"), ("a=%c3%bc", "ü"), ("a=%C3%BC", "ü"), ("a=%e2%82", "\u{FFFD}"), ("a=%00", "\u{0}"),
        ("a=ü", "ü"), ("=&a=b&=", "b"), ("a==", "="), ("a=+", " "), ("a=b\u{0}c", "b\u{0}c"),
    ])
    func theLastValueIsDecoded(_ text: String, _ value: String) throws {
        #expect(try parameters(text)["a"] == value)
    }

    @Test(arguments: ["", "&", "b=a", "A=b", "=a", "a%00=b", "a+=b"])
    func otherNamesAreOthers(_ text: String) throws {
        #expect(try parameters(text)["a"] == nil)
    }

    @Test func anEmptyValueIsNotNonEmpty() throws {
        #expect(try parameters("a=b&a=").nonEmpty("a") == nil)
        #expect(try parameters("a=&a=b").nonEmpty("a") == "b")
    }

    @Test func encodingRoundTripsEverything() throws {
        let pairs = [("a b", "c&d=e+%"), ("ü", "\r\n\"<>"), ("a b", "-._~0Zz"), ("cursor", "x")]
        let original = QueryParameters(pairs: pairs.map { (name: $0.0, value: $0.1) })

        let text = original.encoded(excluding: "cursor")

        #expect(text == "a+b=c%26d%3De%2B%25&%C3%BC=%0D%0A%22%3C%3E&a+b=-._~0Zz")
        #expect(try parameters(text).pairs.map(\.value) == pairs.dropLast().map(\.1))
    }

    @Test func theLimitIsInclusive() {
        #expect(throws: Never.self) { try QueryParameters(decoding: "a&b&c".utf8, maximumFieldCount: 3) }
        #expect(throws: Never.self) { try QueryParameters(decoding: "&a&&b&c&&".utf8, maximumFieldCount: 3) }
        #expect(throws: HTTPFailure.self) { try QueryParameters(decoding: "a&b&c&&d".utf8, maximumFieldCount: 3) }
        #expect(throws: HTTPFailure.self) { try QueryParameters(decoding: "a&b&c&d".utf8, maximumFieldCount: 3) }
    }

    @Test func bytesThatAreNoTextAreReplacedWhereverTheyStand() throws {
        let parameters = try QueryParameters(decoding: [0xFF, 0x3D, 0xC3, 0x26, 0x61, 0x3D, 0x25, 0x66, 0x66, 0xFE])

        #expect(parameters.pairs.map(\.name) == ["\u{FFFD}", "a"])
        #expect(parameters.pairs.map(\.value) == ["\u{FFFD}", "\u{FFFD}\u{FFFD}"])
    }

    @Test func aTextThatIsNotInOnePieceIsDecodedAlike() throws {
        let pieces = [Array("a=b".utf8), Array("&c=%2B".utf8)].joined()

        #expect(try QueryParameters(decoding: Array(pieces)).pairs.map(\.value) == ["b", "+"])
        #expect(try QueryParameters(decoding: AnyCollection(Array(pieces))).pairs.map(\.value) == ["b", "+"])
    }
}

/// The path of a request.
@Suite
struct RequestPathTests {
    @Test(arguments: [
        ("", ""), ("/a/b", "/a/b"), ("/%61%2Fb", "/a/b"), ("/%2561", "/%61"), ("/ü", "/ü"), ("/%c3%bc", "/ü"),
        ("/a?b%", "/a"), ("/%3f?x", "/?"), ("/a+b", "/a+b"), ("/.a/b./...", "/.a/b./..."), ("/a.b/..c", "/a.b/..c"),
    ])
    func isDecodedOnceAndEndsBeforeAQuestionMark(encoded: String, path: String) throws {
        #expect(try RequestPath.decode(.encoded(encoded)) == path)
    }

    @Test(arguments: ["/..", "/.", ".", "..", "/a/./b", "/a/../b", "../a", "/a.b/..", "/%2e", "/a/%2E./"])
    func isRefusedWithDotSegments(encoded: String) {
        #expect(throws: HTTPFailure.self) { try RequestPath.decode(.encoded(encoded)) }
    }

    @Test(arguments: ["", "/", "a", "/a", "a/", "a//b", "//", "ü/b/c"])
    func isSplitAtItsSlashes(path: String) {
        let expected = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)

        let found = path.withBytes { bytes in
            var segments = PathSegments(bytes)
            var found: [String] = []
            while found.count < 10, let next = segments.next() { found.append(String(decoding: next, as: UTF8.self)) }
            return found
        }

        #expect(found == expected)
    }
}
