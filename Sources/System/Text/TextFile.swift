import Glibc

/// A small file that is read whole.
package struct TextFile {
    /// Larger files are refused.
    package static let maximumBytes = 1 << 20

    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The file's text; bytes that are not UTF-8 become U+FFFD.
    ///
    /// - Parameter mustBeRegular: whether a device or a pipe is refused, whose reading may never end.
    package func read(mustBeRegular: Bool = false) throws(FileError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (mustBeRegular ? O_NONBLOCK : 0))
        guard descriptor >= 0 else { throw FileError("read", path) }
        defer { close(descriptor) }
        if mustBeRegular {
            var facts = stat()
            guard fstat(descriptor, &facts) == 0 else { throw FileError("read", path) }
            guard facts.st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, reason: "it is no file") }
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw FileError("read", path) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
            guard bytes.count <= Self.maximumBytes else {
                throw FileError("read", path, reason: "it is longer than \(Self.maximumBytes) bytes")
            }
        }
    }
}
