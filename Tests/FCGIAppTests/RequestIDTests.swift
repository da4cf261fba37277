import Testing

@testable import FCGIApp

@Suite("The request id")
struct RequestIDTests {
    private func id(_ given: String?) -> String {
        guard let given else { return RequestID.from(nil) }
        return Array(given.utf8).withUnsafeBufferPointer { RequestID.from($0) }
    }

    @Test(
        "is the web server's when it is plain and not too long",
        arguments: ["a", "0123456789abcdef0123456789abcdef", "A-1", String(repeating: "x", count: 64)])
    func taken(given: String) {
        #expect(id(given) == given)
    }

    @Test(
        "is made here otherwise: 32 hexadecimal digits, each time others",
        arguments: [nil, "", "a b", "a\nb", "ä", "a_b", String(repeating: "x", count: 65)])
    func made(given: String?) {
        let first = id(given)
        let second = id(given)

        #expect(first.utf8.count == 32)
        #expect(first.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(first != second)
    }
}
