/// The path of a request, decoded exactly once.
enum RequestPath {
    /// Fails with 400 for what no honest client sends: malformed percent sequences, bytes that are not UTF-8, NUL, and
    /// segments `.` or `..`, which the web server in front may have understood differently.
    static func decode(_ path: Request.Path) throws(HTTPFailure) -> String {
        let text: String
        switch path {
        case .decoded(let decoded): text = decoded
        case .encoded(let encoded): text = try decode(encoded)
        }

        if text.utf8.contains(0) { throw .badRequest("The path contains a NUL character.") }
        if hasDotSegment(text) { throw .badRequest("The path contains a \".\" or \"..\" segment.") }
        return text
    }

    private static func decode(_ encoded: String) throws(HTTPFailure) -> String {
        let path = encoded.utf8.prefix { $0 != UInt8(ascii: "?") }
        guard path.contains(UInt8(ascii: "%")) else { return String(decoding: path, as: UTF8.self) }
        guard let bytes = PercentCoding.strictlyDecoded(path) else {
            throw .badRequest("The path contains a malformed percent sequence.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badRequest("The path is not valid UTF-8.")
        }
        return text
    }

    /// Looks without splitting: a path may be long.
    private static func hasDotSegment(_ path: String) -> Bool {
        var dotCount = 0
        var isDots = true
        for byte in path.utf8 {
            if byte == UInt8(ascii: "/") {
                if isDots, dotCount == 1 || dotCount == 2 { return true }
                (dotCount, isDots) = (0, true)
            } else if byte == UInt8(ascii: ".") {
                dotCount += 1
            } else {
                isDots = false
            }
        }
        return isDots && (dotCount == 1 || dotCount == 2)
    }
}
