/// The response to one request. The transport adds nothing but `Status`, `Content-Length` and `X-Request-ID`.
package struct Response: Sendable {
    package var status: Int
    /// In the order they are sent.
    package var headers: ResponseHeaders
    package var body: [UInt8]
    /// `HEAD`: the length of `body` is announced, its bytes are not sent.
    package var omitsBody: Bool
    /// For the access log: the user's name or e-mail address, `token:<id>`, or nil for anonymous.
    package var identity: String?
    /// For the error log: what went wrong inside, when the status is 5xx. Never holds secrets or header values.
    package var failure: String?
    /// For the error log: stored log elements left out of the response because they are unreadable.
    package var skippedElements: Int
    /// For the counters.
    package var route = RouteLabel.refused

    package init(
        status: Int, headers: ResponseHeaders = ResponseHeaders(), body: [UInt8] = [], omitsBody: Bool = false,
        identity: String? = nil, failure: String? = nil, skippedElements: Int = 0
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.omitsBody = omitsBody
        self.identity = identity
        self.failure = failure
        self.skippedElements = skippedElements
    }
}

/// The headers of one response, in the order they are sent.
///
/// Stored as the lines that are sent, each with its end: every response has a dozen of them and nearly all are always
/// the same, so a list of names and values would be made for each response only to be written out once.
package struct ResponseHeaders: Sendable {
    /// The lines; no value holds a control character, so none can begin another line.
    package private(set) var lines: [UInt8] = []

    package init() {}

    /// - Parameter capacity: the bytes to reserve.
    init(capacity: Int) {
        lines.reserveCapacity(capacity)
    }

    /// Adds a header. Control characters become spaces.
    package mutating func append(_ name: String, _ value: String) {
        appendPlain(name)
        lines.append(literal: ": ")
        appendPlain(value)
        lines.append(literal: "\r\n")
    }

    /// Adds lines that are always the same, each with its end, or the beginning of one.
    mutating func append(literal: StaticString) {
        lines.append(literal: literal)
    }

    /// Adds a part of a line. Control characters become spaces.
    mutating func appendPlain(_ text: String) {
        let start = lines.count
        text.withBytes { lines.append(contentsOf: $0) }
        for index in start..<lines.count where ResponseHeaders.isControl(lines[index]) {
            lines[index] = UInt8(ascii: " ")
        }
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F
    }
}

extension ResponseHeaders: ExpressibleByArrayLiteral {
    package init(arrayLiteral headers: (name: String, value: String)...) {
        for (name, value) in headers { append(name, value) }
    }
}

extension ResponseHeaders: Sequence {
    /// Parses the lines: for finding a header, not for sending them.
    package func makeIterator() -> IndexingIterator<[(name: String, value: String)]> {
        let headers = lines.split(separator: UInt8(ascii: "\n")).map { line -> (name: String, value: String) in
            let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            return (
                String(decoding: line[..<colon], as: UTF8.self),
                // A colon and a space before the value, a carriage return behind it.
                String(decoding: line[colon...].dropFirst(2).dropLast(), as: UTF8.self)
            )
        }
        return headers.makeIterator()
    }
}
