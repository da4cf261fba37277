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
