import System
import Testing

@testable import Redis

/// Reading replies of Redis.
@Suite
struct ReplyReaderTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func everyKindOfReplyIsReadWhereverItIsSplit(pieceSize: Int) throws {
        let text =
            "+OK\r\n-ERR no\r\n:-12\r\n$5\r\nhe\r\no\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n*1\r\n:1\r\n$1\r\nx\r\n"

        let replies = try read(text, replies: 9, pieceSize: pieceSize)

        #expect(
            replies.kinds == [
                .status, .error, .integer, .bulk, .bulk, .null, .null, .array, .array, .array, .integer, .bulk,
            ])
        #expect(replies.texts == ["OK", "ERR no", "-12", "he\r\no", "", "", "", "", "", "", "1", "x"])
    }

    @Test(arguments: [1, 5, 1000])
    func anElementLargerThanTheLimitIsDroppedTheLargestAllowedIsNot(pieceSize: Int) throws {
        let text =
            "*4\r\n$4\r\nabcd\r\n$5\r\nabcde\r\n$1\r\nz\r\n$30\r\n" + String(repeating: "q", count: 30) + "\r\n:7\r\n"

        let replies = try read(text, replies: 2, pieceSize: pieceSize, limits: ReplyLimits(maximumElementBytes: 4))

        #expect(replies.kinds == [.array, .bulk, .oversized, .bulk, .oversized, .integer])
        #expect(replies.texts == ["", "abcd", "", "z", "", "7"])
        // Its bytes are not kept in memory either.
        #expect(replies.reader.bytes.count < 45)
    }

    @Test(arguments: [
        "hello\r\n", "\r\n", "_\r\n", "%0\r\n", ">0\r\n", "$x\r\n", "$\r\n", "$-2\r\n", "$9223372036854775807\r\n",
        "*9223372036854775808\r\n",
        "*-2\r\n", ":\r\n", ":1.5\r\n", "$3\r\nabcd\r\n",
        "+a\rb\r\n",
        ":99999999999999999999\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "+OK\r\n+MORE\r\n",
    ])
    func invalidRepliesAreErrors(text: String) {
        #expect {
            try read(text, replies: 1, pieceSize: 1000)
        } throws: { error in
            if case .malformed = error as? ReplyError { true } else { false }
        }
    }

    @Test func limitsHoldAtTheLimitAndOneBeyondIt() throws {
        let lines = ReplyLimits(maximumLineBytes: 4)
        let sizes = ReplyLimits(maximumReplyBytes: 10)
        let counts = ReplyLimits(maximumElements: 3)

        #expect(try read("+abc\r\n", replies: 1, limits: lines).texts == ["abc"])
        #expect(try read("$4\r\nabcd\r\n", replies: 1, limits: sizes).texts == ["abcd"])
        #expect(try read("*2\r\n:1\r\n:2\r\n", replies: 1, limits: counts).kinds.count == 3)
        for (text, limits) in [
            ("+abcd\r\n", lines), ("$5\r\nabcde\r\n", sizes), ("*3\r\n:1\r\n:2\r\n:3\r\n", counts), ("*4\r\n", counts),
        ] {
            #expect {
                try read(text, replies: 1, limits: limits)
            } throws: { error in
                if case .tooLarge = error as? ReplyError { true } else { false }
            }
        }
    }

    @Test func theBufferOfALargeReplyIsFreedThatOfAUsualOneIsKept() throws {
        var reader = ReplyReader(limits: ReplyLimits(retainedBytes: 100_000, receiveBytes: 200_000))
        _ = reader.receive { _ in 150_000 }
        reader.begin(replies: 1)
        #expect(reader.bytes.capacity == 0)

        _ = reader.receive { _ in 1000 }
        reader.begin(replies: 1)
        #expect(reader.bytes.capacity >= 1000 && reader.isEmpty)
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("007", 7), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
        ("9223372036854775808", nil), ("-9223372036854775809", nil), ("", nil), ("-", nil), ("+1", nil),
        ("1 ", nil),
    ])
    func decimalNumbersFill64BitsAndNoMore(text: String, expected: Int?) {
        let bytes = Array(text.utf8)

        #expect(parseDecimal(bytes.span, 0..<bytes.count) == expected)
    }

    private struct Replies {
        var reader: ReplyReader

        var kinds: [ReplyToken.Kind] { reader.tokens.map(\.kind) }
        var texts: [String] {
            reader.tokens.map { $0.kind == .array ? "" : reader.text(of: $0) }
        }
    }

    private func read(
        _ text: String, replies: Int, pieceSize: Int = 1, limits: ReplyLimits = ReplyLimits()
    ) throws -> Replies {
        var reader = ReplyReader(limits: limits)
        reader.begin(replies: replies)
        var rest = Array(text.utf8)[...]
        var isComplete = false
        while !rest.isEmpty {
            let piece = rest.prefix(pieceSize)
            rest = rest.dropFirst(pieceSize)
            _ = reader.receive { space -> Int in
                UnsafeMutableRawBufferPointer(space).copyBytes(from: piece)
                return piece.count
            }
            isComplete = try reader.advance()
            #expect(!isComplete || rest.isEmpty)
        }
        #expect(isComplete)
        return Replies(reader: reader)
    }
}

/// Values whose header is read as one word.
@Suite
struct ReplyTokenTests {
    @Test func aCompleteValueOfAnyLengthIsReadAndNothingBehindItsEnd() {
        for length in [0, 1, 2, 5, 9, 10, 99, 100, 101, 999, 1000, 9999, 10_000, 99_999] {
            let header = "$\(length)\r\n"
            let bytes = Array(header.utf8) + Array(repeating: 120, count: length) + [13, 10]

            let token = ReplyToken(wholeBulkIn: bytes.span, at: 0, 100_000)
            let isTooLong = ReplyToken(wholeBulkIn: bytes.span, at: 0, length - 1) == nil
            let isCut = ReplyToken(wholeBulkIn: bytes.span.extracting(droppingLast: 1), at: 0, 100_000) == nil

            // The header is read as one word: values of up to one byte at the end are left to the general parser.
            #expect(token?.range == (bytes.count < 8 ? nil : header.utf8.count..<bytes.count - 2), "\(length) bytes")
            #expect(isTooLong && isCut)
        }
    }

    @Test(arguments: [
        "$-1\r\nxxxxxx", "$\r\n\r\nxxxxxx", "*3\r\nabc\r\nxx", "$3\rabc\r\nxxx", "$3 \r\nabc\r\n", "$3\r\nabcx\r\n",
        "$3\r\nabc\rx",
        "$100000\r\nxx", "$1234567\r\n", "$3\n\rabc\r\n", "$+3\r\nabc\r\n", "$:3\r\nabc\r\n", "$/3\r\nabc\r\n",
    ])
    func anythingElseIsLeftToTheGeneralParser(text: String) {
        let token = ReplyToken(wholeBulkIn: Array(text.utf8).span, at: 0, 1 << 20)

        #expect(token == nil)
    }

    @Test func onlyTheDigits0To9AreAcceptedInAHeader() {
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
