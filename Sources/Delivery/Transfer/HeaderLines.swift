/// The header lines of a response as they were received, up to a limit.
package struct HeaderLines: Hashable, Sendable {
    /// Each line with its end.
    package private(set) var bytes: [UInt8] = []
    /// Whether lines, or the end of the last one, are missing.
    package private(set) var isCut = false

    package init() {}

    mutating func append(_ line: UnsafeRawBufferPointer, limit: Int) {
        guard !isCut else { return }
        // Enough for most responses.
        if bytes.isEmpty { bytes.reserveCapacity(min(limit, 512)) }
        let capacity = limit - bytes.count
        bytes.append(contentsOf: line.prefix(capacity))
        isCut = line.count > capacity
    }

    /// Names and values. A line that begins with a space continues the value before it; one without a colon is left
    /// out. Invalid UTF-8 becomes replacement characters.
    package var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if let first = line.first, first == 0x20 || first == 0x09 {
                guard !headers.isEmpty else { continue }
                headers[headers.count - 1].value += " " + Self.text(line)
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            headers.append((Self.text(line[..<colon]), Self.text(line[(colon + 1)...])))
        }
        return headers
    }

    /// Without the white space at both ends.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let trimmed = bytes.drop(while: isSpace)
        let end = trimmed.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? trimmed.startIndex
        return String(decoding: trimmed[..<end], as: UTF8.self)
    }
}
