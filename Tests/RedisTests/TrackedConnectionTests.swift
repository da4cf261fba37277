import Model
import Testing

@testable import Redis

/// Messages on a connection with RESP 3.
@Suite
struct TrackedConnectionTests {
    @Test(arguments: [
        ("+PONG\r\n", TrackingMessage.status("PONG")),
        ("-ERR no\r\n", .error("ERR no")),
        (":-2\r\n", .integer(-2)),
        (":2592000000\r\n", .integer(2_592_000_000)),
        ("$3\r\nabc\r\n", .value),
        ("$-1\r\n", .value),
        ("_\r\n", .value),
        ("%2\r\n$1\r\na\r\n:1\r\n+b\r\n*2\r\n$1\r\nc\r\n_\r\n", .value),
        ("~1\r\n$1\r\na\r\n", .value), ("%0\r\n", .value),
        ("*0\r\n", .value),
    ])
    func repliesAreReadWhereverTheyAreSplit(text: String, message: TrackingMessage) throws {
        for pieceSize in [1, 2, 3, 1000] {
            #expect(try messages(text, replies: 1, pieceSize: pieceSize) == [message])
        }
    }

    @Test(arguments: [
        ("*1\r\n$3\r\nkey\r\n", TrackingMessage.changed([Array("key".utf8)])),
        ("*2\r\n$0\r\n\r\n$2\r\n\r\n\r\n", .changed([[], [13, 10]])),
        ("*0\r\n", .changed([])),
        ("_\r\n", .changedEverything),
        ("*-1\r\n", .changedEverything),
        ("$-1\r\n", .changedEverything),
    ])
    func aPushIsReportedInOrderAndIsNoReply(content: String, message: TrackingMessage) throws {
        let push = ">2\r\n$10\r\ninvalidate\r\n" + content
        for pieceSize in [1, 7, 1000] {
            #expect(
                try messages("+a\r\n\(push)+b\r\n", replies: 2, pieceSize: pieceSize)
                    == [.status("a"), message, .status("b")])
        }
    }

    @Test(arguments: [
        ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n", ">2\r\n$21\r\ntracking-redir-broken\r\n:5\r\n", ">0\r\n",
    ])
    func otherPushesAreIgnored(push: String) throws {
        #expect(try messages(push + "+OK\r\n", replies: 1) == [.status("OK")])
    }

    @Test func aPushBehindTheLastReplyIsKeptForTheNextExchange() throws {
        let push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n"
        var reader = ReplyReader(limits: ReplyLimits(), protocolVersion: .resp3)
        reader.begin(replies: 1)
        #expect(try receive("+a\r\n" + push.prefix(9), into: &reader))

        reader.begin(replies: 1)
        #expect(try receive(push.dropFirst(9) + "+b\r\n", into: &reader))

        #expect(try messages(of: reader) == [.changed([Array("key".utf8)]), .status("b")])
    }

    @Test(arguments: [
        "x\r\n", "\r\n", "+a\rb", "$1\r\nabc\r\n", "$99999999999999\r\n", "*99999999\r\n", ":one\r\n", "%99999999\r\n",
        "_x\r\n", ">-1\r\n+OK\r\n", "*1\r\n>0\r\n", ">2\r\n$10\r\ninvalidate\r\n:1\r\n+OK\r\n",
        ">2\r\n$10\r\ninvalidate\r\n*1\r\n:1\r\n+OK\r\n",
        String(repeating: "*1\r\n", count: 20), "+" + String(repeating: "a", count: 70_000),
    ])
    func invalidMessagesAreErrors(text: String) {
        #expect(throws: (any Error).self) { try messages(text, replies: 1) }
    }

    private func messages(_ text: String, replies: Int, pieceSize: Int = 1000) throws -> [TrackingMessage] {
        var reader = ReplyReader(limits: ReplyLimits(), protocolVersion: .resp3)
        reader.begin(replies: replies)
        var unread = text.utf8[...]
        var isComplete = false
        while !unread.isEmpty {
            isComplete = try receive(String(decoding: unread.prefix(pieceSize), as: UTF8.self), into: &reader)
            unread = unread.dropFirst(pieceSize)
        }
        #expect(isComplete)
        return try messages(of: reader)
    }

    private func receive(_ text: some StringProtocol, into reader: inout ReplyReader) throws -> Bool {
        let bytes = Array(text.utf8)
        _ = reader.receive { buffer -> Int in
            UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
            return bytes.count
        }
        return try reader.advance()
    }

    private func messages(of reader: ReplyReader) throws -> [TrackingMessage] {
        var messages: [TrackingMessage] = []
        try reader.forEachMessage {
            messages.append($0)
        } changed: {
            messages.append($0)
        }
        return messages
    }
}
