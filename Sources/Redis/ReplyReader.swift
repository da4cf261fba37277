/// The answer being read: its bytes in one piece of memory that is used again for the next, and what stands where.
///
/// No object for each element: hiredis' reply objects cost more processor time than everything else a read does.
package struct ReplyReader {
    package private(set) var bytes: [UInt8] = []
    private var parser: ReplyParser

    package var tokens: [ReplyToken] { parser.tokens }
    package var limits: ReplyLimits { parser.limits }
    /// Whether an error is among them.
    var hasErrors: Bool { parser.hasErrors }

    /// - Parameter expectedTokens: replies and elements to make room for at once.
    package init(limits: ReplyLimits = ReplyLimits(), expectedTokens: Int = 0) {
        parser = ReplyParser(limits: limits)
        parser.reserve(expectedTokens)
    }

    /// Makes ready for the answers to `replies` commands; gives back memory that an exceptional answer needed.
    mutating func begin(replies: Int) {
        rest()
        parser.begin(replies: replies)
    }

    /// Forgets the answer, and gives back memory that an exceptional one needed.
    package mutating func rest() {
        if bytes.count > parser.limits.retainedBytes {
            bytes = []
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// Whether nothing of the answer has come yet.
    package var isUntouched: Bool { bytes.isEmpty }

    /// Lets `source` write bytes behind those that are there; it returns how many it wrote.
    package mutating func receive<Failure: Error>(
        minimumSpace: Int = 64 << 10, from source: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        if bytes.capacity - bytes.count < minimumSpace {
            // At once all that may be kept: pages that are never touched cost nothing, while growing in steps copies and
            // leaves holes in the heap.
            let retained = parser.limits.retainedBytes
            bytes.reserveCapacity(max(retained, bytes.capacity * 2, bytes.count + minimumSpace))
        }
        let space = bytes.capacity - bytes.count
        var received = 0
        try bytes.append(addingCapacity: space) { (output: inout OutputSpan<UInt8>) throws(Failure) in
            try output.withUnsafeMutableBufferPointer { (buffer, count) throws(Failure) in
                let written = try source(buffer)
                precondition((0...buffer.count).contains(written), "a source writes into the space it was given")
                count = written
                received = written
            }
        }
        return received
    }

    /// Reads on; returns whether every answer is there.
    mutating func advance() throws(ReplyError) -> Bool {
        while true {
            switch try ReplyReader.advance(&parser, over: bytes) {
            case .finished:
                try checkSize()
                let surplus = bytes.count - parser.position
                guard surplus == 0 else { throw .malformed("\(surplus) bytes more than were asked for") }
                return true
            case .discard(let range):
                bytes.removeSubrange(range)
            case .readMore:
                try checkSize()
                return false
            }
        }
    }

    private func checkSize() throws(ReplyError) {
        let maximum = parser.limits.maximumReplyBytes
        guard bytes.count <= maximum else { throw .tooLarge("more than \(maximum) bytes") }
    }

    private static func advance(
        _ parser: inout ReplyParser, over bytes: [UInt8]
    ) throws(ReplyError) -> ReplyParser.Action {
        try parser.advance(over: bytes.span)
    }

    /// A value's text, for messages: what is not UTF-8 is replaced.
    package func text(of token: ReplyToken) -> String {
        String(decoding: bytes[token.range], as: UTF8.self)
    }
}
