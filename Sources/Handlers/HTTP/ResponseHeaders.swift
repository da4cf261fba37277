/// The headers of one answer, in the order they are sent.
///
/// Held as the lines that go out, each with its end, because every answer has a dozen of them and nearly all are always
/// the same: a list of names and values would be made for each answer only to be written out once.
package struct ResponseHeaders: Sendable {
    /// The lines; no value holds a control character, so none can begin a line of its own.
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
    /// Reads the lines again: for who looks for one header, not for sending them.
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
