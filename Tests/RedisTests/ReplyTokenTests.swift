import Testing

@testable import Redis

/// Values read by one word of their header.
@Suite
struct ReplyTokenTests {
    @Test func aWholeValueIsReadWhateverItsLengthAndNothingBehindTheEnd() {
        for length in [0, 1, 2, 5, 9, 10, 99, 100, 101, 999, 1000, 9999, 10_000, 99_999] {
            let header = "$\(length)\r\n"
            let bytes = Array(header.utf8) + Array(repeating: 120, count: length) + [13, 10]

            let token = ReplyToken(wholeBulkIn: bytes.span, at: 0, 100_000)
            let isTooLong = ReplyToken(wholeBulkIn: bytes.span, at: 0, length - 1) == nil
            let isCut = ReplyToken(wholeBulkIn: bytes.span.extracting(droppingLast: 1), at: 0, 100_000) == nil

            // A header of one word: values of one byte and less near the end go the other way.
            #expect(token?.range == (bytes.count < 8 ? nil : header.utf8.count..<bytes.count - 2), "\(length) bytes")
            #expect(isTooLong && isCut)
        }
    }

    @Test(arguments: [
        "$-1\r\nxxxxxx", "$\r\n\r\nxxxxxx", "*3\r\nabc\r\nxx", "$3\rabc\r\nxxx", "$3 \r\nabc\r\n", "$3\r\nabcx\r\n",
        "$3\r\nabc\rx",
        "$100000\r\nxx", "$1234567\r\n", "$3\n\rabc\r\n", "$+3\r\nabc\r\n", "$:3\r\nabc\r\n", "$/3\r\nabc\r\n",
    ])
    func anythingElseIsLeftToTheGeneralReader(text: String) {
        let token = ReplyToken(wholeBulkIn: Array(text.utf8).span, at: 0, 1 << 20)

        #expect(token == nil)
    }

    @Test func digitsOtherThan0To9AreNoneAtEveryPlaceOfAHeader() {
        for (place, header) in [(1, "$012"), (2, "$012"), (3, "$012")] + (1...5).map({ ($0, "$00012") }) {
            for byte in UInt8.min...UInt8.max where !(48...57).contains(byte) {
                var bytes = Array((header + "\r\n").utf8) + Array(repeating: 120, count: 12) + [13, 10]
                bytes[place] = byte
                let token = ReplyToken(wholeBulkIn: bytes.span, at: 0, 1 << 20)

                #expect(token == nil, "byte \(byte) at \(place)")
            }
        }
    }
}
