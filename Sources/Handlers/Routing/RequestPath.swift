import Glibc
import System

/// The path of a request, decoded exactly once.
enum RequestPath {
    /// Fails with 400 for what no well-behaved client sends: malformed percent sequences, bytes that are not UTF-8,
    /// NUL, and segments `.` or `..`, which the web server in front may have understood differently.
    static func decode(_ path: Request.Path) throws(HTTPFailure) -> String {
        let text: String
        switch path {
        case .decoded(let decoded): text = decoded
        case .encoded(let encoded): text = try decode(encoded)
        }

        if text.withBytes({ contains($0, 0) }) { throw .badRequest("The path contains a NUL character.") }
        if text.withBytes(hasDotSegment) { throw .badRequest("The path contains a \".\" or \"..\" segment.") }
        return text
    }

    private static func decode(_ encoded: String) throws(HTTPFailure) -> String {
        // Nearly every path.
        if encoded.withBytes({ !contains($0, percent) && !contains($0, questionMark) }) { return encoded }
        let path = encoded.utf8.prefix { $0 != questionMark }
        guard let bytes = PercentCoding.strictlyDecoded(path) else {
            throw .badRequest("The path contains a malformed percent sequence.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badRequest("The path is not valid UTF-8.")
        }
        return text
    }

    private static let percent = UInt8(ascii: "%")
    private static let questionMark = UInt8(ascii: "?")

    private static func contains(_ path: UnsafeBufferPointer<UInt8>, _ byte: UInt8) -> Bool {
        path.baseAddress.map { memchr($0, Int32(byte), path.count) != nil } ?? false
    }

    /// Does not split: a path may be long.
    private static func hasDotSegment(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        guard contains(path, UInt8(ascii: ".")) else { return false }
        var dotCount = 0
        var isDots = true
        for byte in path {
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
