import Testing

@testable import FCGIApp

/// The request id.
@Suite
struct RequestIDTests {
    private func id(_ given: String?) -> String {
        guard let given else { return RequestID.from(nil) }
        return Array(given.utf8).withUnsafeBufferPointer { RequestID.from($0) }
    }

    @Test(arguments: ["a", "0123456789abcdef0123456789abcdef", "A-1", String(repeating: "x", count: 64)])
    func isTheWebServersWhenItIsPlainAndNotTooLong(given: String) {
        #expect(id(given) == given)
    }

    @Test(arguments: [nil, "", "a b", "a\nb", "ä", "a_b", String(repeating: "x", count: 65)])
    func isMadeHereOtherwise32HexadecimalDigitsEachTimeOthers(given: String?) {
        let first = id(given)
        let second = id(given)

        #expect(first.utf8.count == 32)
        #expect(first.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(first != second)
    }
}
