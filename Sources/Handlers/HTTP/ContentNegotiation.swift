/// Chooses the representation of a response: always JSON, with the indentation that the client asks for.
enum ContentNegotiation {
    /// Wider indentation is cut to this, as in the original (docs/protocol.md 2.5).
    static let maximumIndent = 8

    /// The spaces of indentation asked for; 0 = compact.
    ///
    /// Fails with 404 when `?format=` names another format and with 406 when `accept` leaves JSON out. As in the
    /// original, quality values do not count, only how specific a range is.
    static func indent(accept: String?, format: String?) throws(HTTPFailure) -> Int {
        if let format, !format.isEmpty, format != "json" { throw .notFound }
        guard let accept else { return 0 }
        // What programs and pages send; browsers' lists are parsed.
        if accept == "application/json" || accept == "*/*" { return 0 }

        let ranges = accept.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            MediaType($0)
        }
        let matching = ranges.filter { $0.covers(type: "application", subtype: "json") }
        guard let best = matching.max(by: { $0.precedence < $1.precedence }) else { throw .notAcceptable }
        guard let text = best["indent"], let indent = PythonNumber.int(text) else { return 0 }
        return min(max(indent, 0), maximumIndent)
    }
}

/// Lays compact JSON out as Python's `json.dumps(indent=n)` does: one member a line, `": "` after names, and nothing
/// between the brackets of what is empty.
enum JSONIndenter {
    /// - Parameter json: one valid JSON value; white space between its tokens is dropped.
    static func indented(_ json: [UInt8], by width: Int) -> [UInt8] {
        var writer = Writer(width: width)
        writer.output.reserveCapacity(json.count * 2)
        for byte in json { writer.write(byte) }
        return writer.output
    }

    private struct Writer {
        let width: Int
        var output: [UInt8] = []
        var depth = 0
        var isInString = false
        var isEscaped = false
        /// A bracket was opened and nothing has followed yet.
        var isAfterOpening = false

        init(width: Int) {
            self.width = width
        }

        mutating func write(_ byte: UInt8) {
            if isInString {
                writeStringByte(byte)
                return
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): return
            case UInt8(ascii: "}"), UInt8(ascii: "]"): close(byte)
            case UInt8(ascii: ","):
                output.append(byte)
                breakLine()
            case UInt8(ascii: ":"): output += [byte, UInt8(ascii: " ")]
            default: open(byte)
            }
        }

        private mutating func writeStringByte(_ byte: UInt8) {
            output.append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
        }

        private mutating func open(_ byte: UInt8) {
            if isAfterOpening { breakLine() }
            isAfterOpening = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
            if isAfterOpening { depth += 1 }
            isInString = byte == UInt8(ascii: "\"")
            output.append(byte)
        }

        private mutating func close(_ byte: UInt8) {
            depth -= 1
            if !isAfterOpening { breakLine() }
            isAfterOpening = false
            output.append(byte)
        }

        private mutating func breakLine() {
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: width * max(depth, 0)))
        }
    }
}
