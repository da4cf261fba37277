import Testing

@testable import Handlers

/// The headers of an answer.
@Suite
struct ResponseHeadersTests {
    private func text(_ headers: ResponseHeaders) -> String {
        String(decoding: headers.lines, as: UTF8.self)
    }

    @Test func areLinesInTheOrderInWhichTheyWereAdded() {
        var headers = ResponseHeaders()
        headers.append("Link", "<a>; b")
        headers.append(literal: "Vary: x\r\n")
        headers.append("Empty", "")

        #expect(text(headers) == "Link: <a>; b\r\nVary: x\r\nEmpty: \r\n")
        #expect(headers.map { "\($0.name)|\($0.value)" } == ["Link|<a>; b", "Vary|x", "Empty|"])
    }

    @Test func haveNoControlCharactersWhereverTheyComeFrom() {
        let controls = (UInt8(0)...0x1F).map { String(UnicodeScalar($0)) } + ["\u{7F}", "\r\n"]
        for control in controls {
            let blank = String(repeating: " ", count: control.utf8.count)
            let headers: ResponseHeaders = [("N" + control, "a\(control)b: c\(control)")]

            #expect(text(headers) == "N\(blank): a\(blank)b: c\(blank)\r\n")
        }
    }

    @Test(arguments: ["ü", "~ !", "a: b:c", "\u{80}\u{2028}", String(repeating: "x", count: 5000)])
    func keepAllOtherBytes(value: String) {
        let headers: ResponseHeaders = [("A", value), ("B", "c")]

        #expect(text(headers) == "A: \(value)\r\nB: c\r\n")
        #expect(headers.map(\.value) == [value, "c"])
    }
}
