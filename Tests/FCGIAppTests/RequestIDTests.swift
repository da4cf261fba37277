import Testing

@testable import FCGIApp

@Suite("The request id")
struct RequestIDTests {
    @Test(
        "is the web server's when it is plain and not too long",
        arguments: ["a", "0123456789abcdef0123456789abcdef", "A-1", String(repeating: "x", count: 64)])
    func taken(given: String) {
        #expect(RequestID.from(given) == given)
    }

    @Test(
        "is made here otherwise: 32 hexadecimal digits, each time others",
        arguments: [nil, "", "a b", "a\nb", "ä", "a_b", String(repeating: "x", count: 65)])
    func made(given: String?) {
        let first = RequestID.from(given)
        let second = RequestID.from(given)

        #expect(first.utf8.count == 32)
        #expect(first.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(first != second)
    }
}
