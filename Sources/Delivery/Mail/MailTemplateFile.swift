import Glibc

/// Reads a template's file.
enum MailTemplateFile {
    /// Bytes; a larger file is refused.
    static let limit = 64 << 10

    static func read(_ path: String) throws(MailTemplateError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else {
                throw .unreadable(file: path, reason: "it is longer than \(limit) bytes")
            }
        }
    }
}
