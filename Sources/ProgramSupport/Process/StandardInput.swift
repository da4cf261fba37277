import Glibc

/// What an operator gives a program on standard input.
enum StandardInput {
    /// More than any header that a web server passes on.
    private static let byteLimit = 64 << 10

    /// All of it up to the limit, without the line break at its end; bytes that are no UTF-8 are replaced.
    static func text() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < byteLimit {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
