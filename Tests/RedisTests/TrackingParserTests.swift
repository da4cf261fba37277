import Model
import Testing

@testable import Redis

/// Messages of a connection on which Redis tells of changes.
@Suite
struct TrackingParserTests {
    @Test(arguments: [
        ("+PONG\r\n", TrackingMessage.status("PONG")),
        ("-ERR no\r\n", .error("ERR no")),
        (":-2\r\n", .integer(-2)),
        (":2592000000\r\n", .integer(2_592_000_000)),
        ("$3\r\nabc\r\n", .value),
        ("$-1\r\n", .value),
        ("_\r\n", .value),
        ("%2\r\n$1\r\na\r\n:1\r\n+b\r\n*2\r\n,1.5\r\n#t\r\n", .value),
        ("*0\r\n", .value),
        (">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n", .changed([Array("key".utf8)])),
        (">2\r\n$10\r\ninvalidate\r\n*2\r\n$0\r\n\r\n$2\r\n\r\n\r\n", .changed([[], [13, 10]])),
        (">2\r\n$10\r\ninvalidate\r\n*0\r\n", .changed([])),
        (">2\r\n$10\r\ninvalidate\r\n_\r\n", .changedEverything),
        (">2\r\n$10\r\ninvalidate\r\n*-1\r\n", .changedEverything),
        (">2\r\n$10\r\ninvalidate\r\n$-1\r\n", .changedEverything),
        (">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n", .notice),
        (">2\r\n$21\r\ntracking-redir-broken\r\n:5\r\n", .notice),
    ])
    func everyKindOfMessageIsToldFromTheOthersAndNotBeforeItsLastByte(text: String, message: TrackingMessage) throws {
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            #expect(try TrackingParser.message(in: Array(bytes.prefix(length)), at: 0) == nil)
        }
        let found = try #require(try TrackingParser.message(in: Array("x".utf8) + bytes + bytes, at: 1))
        #expect(found.0 == message)
        #expect(found.end == bytes.count + 1)
    }

    @Test(arguments: [
        "x\r\n", "\r\n", "+a\rb", "$1\r\nabc\r\n", "$99999999999\r\n", "*99999999\r\n", ":one\r\n",
        ">2\r\n$10\r\ninvalidate\r\n:1\r\n", ">2\r\n$10\r\ninvalidate\r\n*1\r\n:1\r\n",
        String(repeating: "*1\r\n", count: 20),
    ])
    func whatRedisDoesNotSendIsRefused(text: String) {
        #expect(throws: ReplyError.self) { try TrackingParser.message(in: Array(text.utf8), at: 0) }
    }

    @Test func aMessageThatNeverEndsIsGivenUp() {
        let bytes = Array("+".utf8) + Array(repeating: UInt8(ascii: "a"), count: TrackingParser.maximumMessageBytes)
        #expect(throws: ReplyError.self) { try TrackingParser.message(in: bytes, at: 0) }
    }
}
