import System
import Testing

@testable import Redis

/// Reading answers of Redis.
@Suite
struct ReplyReaderTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func everyKindOfReplyIsReadInPiecesOfAnySize(pieceSize: Int) throws {
        let text =
            "+OK\r\n-ERR no\r\n:-12\r\n$5\r\nhe\r\no\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n*1\r\n:1\r\n$1\r\nx\r\n"

        let answer = try read(text, replies: 9, pieceSize: pieceSize)

        #expect(
            answer.kinds == [
                .status, .error, .integer, .bulk, .bulk, .null, .null, .array, .array, .array, .integer, .bulk,
            ])
        #expect(answer.texts == ["OK", "ERR no", "-12", "he\r\no", "", "", "", "", "", "", "1", "x"])
    }

    @Test(arguments: [1, 5, 1000])
    func anElementLargerThanTheLimitIsLeftOutTheLargestAllowedIsNot(pieceSize: Int) throws {
        let text =
            "*4\r\n$4\r\nabcd\r\n$5\r\nabcde\r\n$1\r\nz\r\n$30\r\n" + String(repeating: "q", count: 30) + "\r\n:7\r\n"

        let answer = try read(text, replies: 2, pieceSize: pieceSize, limits: ReplyLimits(maximumElementBytes: 4))

        #expect(answer.kinds == [.array, .bulk, .oversized, .bulk, .oversized, .integer])
        #expect(answer.texts == ["", "abcd", "", "z", "", "7"])
        // What is left out is not kept in memory either.
        #expect(answer.reader.bytes.count < 45)
    }

    @Test(arguments: [
        "hello\r\n", "\r\n", "$x\r\n", "$\r\n", "$-2\r\n", "$9223372036854775807\r\n", "*9223372036854775808\r\n",
        "*-2\r\n", ":\r\n", ":1.5\r\n", "$3\r\nabcd\r\n",
        "+a\rb\r\n",
        ":99999999999999999999\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "+OK\r\n+MORE\r\n",
    ])
    func whatIsNoAnswerIsAnError(text: String) {
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

    @Test func theMemoryOfALargeAnswerIsGivenBackThatOfAUsualOneIsKept() throws {
        var reader = ReplyReader(limits: ReplyLimits(retainedBytes: 100_000))
        _ = reader.receive(minimumSpace: 200_000) { _ in 150_000 }
        reader.begin(replies: 1)
        #expect(reader.bytes.capacity == 0)

        _ = reader.receive(minimumSpace: 1000) { _ in 1000 }
        reader.begin(replies: 1)
        #expect(reader.bytes.capacity >= 1000 && reader.isUntouched)
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

    private struct Answer {
        var reader: ReplyReader

        var kinds: [ReplyToken.Kind] { reader.tokens.map(\.kind) }
        var texts: [String] {
            reader.tokens.map { $0.kind == .array ? "" : reader.text(of: $0) }
        }
    }

    private func read(
        _ text: String, replies: Int, pieceSize: Int = 1, limits: ReplyLimits = ReplyLimits()
    ) throws -> Answer {
        var reader = ReplyReader(limits: limits)
        reader.begin(replies: replies)
        var rest = Array(text.utf8)[...]
        var isComplete = false
        while !rest.isEmpty {
            let piece = rest.prefix(pieceSize)
            rest = rest.dropFirst(pieceSize)
            _ = reader.receive(minimumSpace: piece.count) { space -> Int in
                UnsafeMutableRawBufferPointer(space).copyBytes(from: piece)
                return piece.count
            }
            isComplete = try reader.advance()
            #expect(!isComplete || rest.isEmpty)
        }
        #expect(isComplete)
        return Answer(reader: reader)
    }
}
