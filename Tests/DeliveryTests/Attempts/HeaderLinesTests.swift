import Queue
import Testing

@testable import Delivery

/// Header lines of a response as names and values.
@Suite
struct HeaderLinesTests {
    private func collect(_ lines: [String], limit: Int) -> HeaderLines {
        var collected = HeaderLines()
        for line in lines {
            Array(line.utf8).withUnsafeBytes { collected.append($0, limit: limit) }
        }
        return collected
    }

    @Test func linesBecomeNamesAndValues() {
        let lines = collect(
            ["A: b\r\n", "C:d\r\n", "Empty:\r\n", "E: f:g \r\n", "no colon\r\n", ":\r\n", "Folded: a\r\n", "\t b\r\n"],
            limit: 4096)

        #expect(
            lines.headers.map { [$0.name, $0.value] }
                == [["A", "b"], ["C", "d"], ["Empty", ""], ["E", "f:g"], ["", ""], ["Folded", "a b"]])
        #expect(!lines.isCut)
        #expect(collect([" a\r\n"], limit: 10).headers.isEmpty)
    }

    @Test(arguments: 0...16)
    func aCutLineKeepsItsBeginning(limit: Int) {
        let text = "Name: valuevalue"
        let lines = collect([text, "Other: x"], limit: limit)

        #expect(lines.bytes == Array(text.utf8.prefix(limit)))
        #expect(lines.isCut)
        #expect(lines.headers.count == (limit > 4 ? 1 : 0))
    }

    /// A value that goes on in the next line is as secret as its beginning.
    @Test(arguments: [
        "Set-Cookie", "SET-COOKIE", "authorization", "Proxy-Authorization", "X-A-Token", "b-key", "C-SECRET",
    ])
    func secretsAreMasked(name: String) {
        let list = HeaderList(
            masking: collect(["\(name): hidden\r\n", " hidden\r\n", "Server: seen\r\n"], limit: 4096))

        #expect(list.headers.map(\.value) == [String(repeating: "*", count: 64), "seen"])
    }

    @Test(arguments: ["Cookie-Policy", "Tokens", "X-Keys", "WWW-Authenticate", "Location", "Secretary"])
    func otherValuesAreNot(name: String) {
        #expect(HeaderList(masking: collect(["\(name): seen\r\n"], limit: 4096)).headers == [.init(name, "seen")])
    }
}
