/// The header `Cookie`, read as the original's framework reads it.
enum CookieHeader {
    /// The value of the last cookie with this name, without white space and quotes around it; nil when there is none.
    ///
    /// Only `;` separates. A piece without `=` has no name. Backslashes in quotes are left as they are: no cookie that
    /// is read here has one.
    static func value(named name: String, in header: String) -> String? {
        header.withBytes { bytes in
            var end = bytes.count
            while true {
                let start = bytes[..<end].lastIndex(of: UInt8(ascii: ";")).map { $0 + 1 } ?? 0
                if let value = value(named: name, in: bytes[start..<end]) { return value }
                guard start > 0 else { return nil }
                end = start - 1
            }
        }
    }

    private static func value(named name: String, in piece: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        guard let equals = piece.firstIndex(of: UInt8(ascii: "=")),
            trimmed(piece[..<equals]).elementsEqual(name.utf8)
        else { return nil }
        let value = trimmed(piece[(equals + 1)...])
        let quote = UInt8(ascii: "\"")
        let isQuoted = value.count >= 2 && value.first == quote && value.last == quote
        return String(decoding: isQuoted ? value.dropFirst().dropLast() : value, as: UTF8.self)
    }

    private static func trimmed(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
        var bytes = bytes
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }

    /// White space of ASCII as Python's `str.strip()` knows it.
    private static func isSpace(_ byte: UInt8) -> Bool {
        (0x09...0x0D).contains(byte) || (0x1C...0x20).contains(byte)
    }
}
