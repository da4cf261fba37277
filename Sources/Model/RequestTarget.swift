/// The request target of a URL: path and query, as the original's sender encodes them (requests 2 with urllib3).
///
/// The result is in the form of RFC 3986: `.` and `..` segments are resolved, letters, digits and `-._~` are not
/// encoded, everything that the RFC does not allow is, and percent sequences are in upper case. A percent sign that
/// begins no sequence makes every percent sign of its path or query a plain character, which is encoded as `%25`.
enum RequestTarget {
    /// The target of a URL's remainder behind the authority; begins with a slash.
    static func encoded(_ remainder: ArraySlice<UInt8>) -> String {
        let withoutFragment = remainder.prefix { $0 != UInt8(ascii: "#") }
        let path = withoutFragment.prefix { $0 != UInt8(ascii: "?") }
        let query = withoutFragment.dropFirst(path.count + 1)
        var target = encoded(component: resolvingDots(path)[...], isAllowed: isPathByte)
        if target.isEmpty { target = [UInt8(ascii: "/")] }
        if !query.isEmpty {
            target.append(UInt8(ascii: "?"))
            target += encoded(component: query) { isPathByte($0) || $0 == UInt8(ascii: "?") }
        }
        return String(decoding: target, as: UTF8.self)
    }

    /// Encodes the bytes that are not allowed; decodes sequences of unreserved characters.
    static func encoded(component: ArraySlice<UInt8>, isAllowed: (UInt8) -> Bool) -> [UInt8] {
        let bytes = Array(component)
        let isEncoded = bytes.indices.allSatisfy { bytes[$0] != UInt8(ascii: "%") || sequence(bytes, at: $0) != nil }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%"), isEncoded, let value = sequence(bytes, at: index - 1) {
                index += 2
                if isUnreserved(value) { output.append(value) } else { append(value, to: &output) }
            } else if isAllowed(byte) {
                output.append(byte)
            } else {
                append(byte, to: &output)
            }
        }
        return output
    }

    /// RFC 3986: unreserved characters and `sub-delims`, and the colon.
    static func isUserInfoByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&")...UInt8(ascii: ","), UInt8(ascii: ":"),
            UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        default: isUnreserved(byte)
        }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        isUserInfoByte(byte) || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// RFC 3986, 5.2.4, applied to a path that is empty or begins with a slash.
    private static func resolvingDots(_ path: ArraySlice<UInt8>) -> [UInt8] {
        guard !path.isEmpty else { return [] }
        let (dot, dots) = ([UInt8(ascii: ".")], [UInt8](repeating: UInt8(ascii: "."), count: 2))
        let segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
        var output: [[UInt8]] = []
        for segment in segments where segment != dot {
            if segment == dots { _ = output.popLast() } else { output.append(segment) }
        }
        if output.first?.isEmpty != true { output.insert([], at: 0) }
        if segments.last == dot || segments.last == dots { output.append([]) }
        return Array(output.joined(separator: [UInt8(ascii: "/")]))
    }

    /// The value of the percent sequence at `index`; nil when there is none.
    private static func sequence(_ bytes: [UInt8], at index: Int) -> UInt8? {
        guard index + 2 < bytes.count, bytes[index] == UInt8(ascii: "%"), let high = digit(bytes[index + 1]),
            let low = digit(bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private static func append(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "%"))
        for nibble in [byte >> 4, byte & 15] { output.append(nibble < 10 ? 0x30 + nibble : 0x37 + nibble) }
    }
}
