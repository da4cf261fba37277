/// Reads the replies to one request into one buffer that is used again for the next, and knows what is where.
///
/// There is no object for each element: hiredis' reply objects cost more processor time than the rest of a read.
package struct ReplyReader {
    package private(set) var bytes: [UInt8] = []
    private var parser: ReplyParser

    package var tokens: [ReplyToken] { parser.tokens }
    package var limits: ReplyLimits { parser.limits }
    /// Whether one of them is an error reply.
    var hasErrors: Bool { parser.hasErrors }

    /// - Parameter expectedTokens: replies and elements for which capacity is reserved at once.
    package init(limits: ReplyLimits = ReplyLimits(), expectedTokens: Int = 0) {
        self.init(limits: limits, protocolVersion: .resp2)
        parser.reserve(expectedTokens)
    }

    init(limits: ReplyLimits, protocolVersion: ReplyParser.ProtocolVersion) {
        parser = ReplyParser(limits: limits, protocolVersion: protocolVersion)
    }

    /// Starts with the replies to `replies` commands. Of RESP 3 it keeps the pushes behind the last reply.
    mutating func begin(replies: Int) {
        if parser.protocolVersion == .resp3, bytes.count > parser.position {
            bytes.removeSubrange(..<parser.position)
        } else {
            reset()
        }
        parser.begin(replies: replies)
    }

    /// Forgets the replies, and frees memory that an exceptionally large one needed.
    package mutating func reset() {
        if bytes.count > parser.limits.retainedBytes {
            bytes = []
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// Whether no byte of a reply has arrived.
    package var isEmpty: Bool { bytes.isEmpty }

    /// Has `source` append bytes; it returns how many it wrote.
    package mutating func receive<Failure: Error>(
        from source: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        let minimumSpace = parser.limits.receiveBytes
        if bytes.capacity - bytes.count < minimumSpace {
            // All that may be kept at once: pages that are never touched cost nothing, while growing in steps copies
            // and fragments the heap.
            let retained = parser.limits.retainedBytes
            bytes.reserveCapacity(max(retained, bytes.capacity * 2, bytes.count + minimumSpace))
        }
        let space = bytes.capacity - bytes.count
        var received = 0
        try bytes.append(addingCapacity: space) { (output: inout OutputSpan<UInt8>) throws(Failure) in
            try output.withUnsafeMutableBufferPointer { (buffer, count) throws(Failure) in
                let written = try source(buffer)
                precondition((0...buffer.count).contains(written), "a source writes into the buffer it was given")
                count = written
                received = written
            }
        }
        return received
    }

    /// Continues parsing; returns whether all replies are complete.
    mutating func advance() throws(ReplyError) -> Bool {
        while true {
            switch try ReplyReader.advance(&parser, over: bytes) {
            case .finished:
                try checkSize()
                let surplus = bytes.count - parser.position
                guard surplus == 0 || parser.protocolVersion == .resp3 else {
                    throw .malformed("\(surplus) bytes behind the last reply")
                }
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

    /// A value as a string, invalid UTF-8 replaced.
    package func text(of token: ReplyToken) -> String {
        String(decoding: bytes[token.range], as: UTF8.self)
    }

    /// The message of the first error reply.
    package var firstErrorMessage: String? {
        tokens.first { $0.kind == .error }.map(text)
    }
}
