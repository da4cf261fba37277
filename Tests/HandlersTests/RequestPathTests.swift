import Testing

@testable import Handlers

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
    func isRefusedWhereItClimbs(encoded: String) {
        #expect(throws: HTTPFailure.self) { try RequestPath.decode(.encoded(encoded)) }
    }

    @Test(arguments: ["", "/", "a", "/a", "a/", "a//b", "//", "ü/b/c"])
    func isTakenApartBetweenItsSlashes(path: String) {
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
